// A steady rate of orders, independent of the engine's answers (open loop): acceptance times, errors, and memory.
//   npm run bench -- load [--rate 200] [--seconds 60] [--scaled]
// Embedded (PGlite, one process), or with --scaled one API and one worker over PostgreSQL and Redis. The chain decides at
// once. Two sockets on the account's stream receive every event.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { residentMiB } from './support/cpu-time.mjs';
import { createPoster, openSocket, percentiles } from './support/order-client.mjs';
import { startMemoryEngine, startScaledEngine } from './support/servers.mjs';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    scaled: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const WARM_SECONDS = 5;
const PARTS = 6;

const engine = values.scaled ? await startScaledEngine() : await startMemoryEngine();
const poster = createPoster(engine.url, 128);
const confirmed = new Set();
const onFrame = (frame) => {
  if (frame.includes('"type":"order.confirmed"')) confirmed.add(/"orderId":"([^"]+)"/.exec(frame)[1]);
};
const sockets = await Promise.all([1, 2].map(() => openSocket(engine.url, '/api/stream', onFrame)));
const memory = [];
await hold(WARM_SECONDS);

const parts = [];
for (let part = 0; part < PARTS; part += 1) parts.push(await hold(seconds / PARTS));
const accepted = parts.flatMap((part) => part.accepted);
const errors = parts.flatMap((part) => part.errors);
for (let wait = 0; wait < 300 && confirmed.size < accepted.length; wait += 1) await sleep(100);
console.log(
  JSON.stringify(
    {
      benchmark: 'load',
      engine: values.scaled ? 'API and worker' : 'embedded',
      rate,
      seconds,
      accepted: accepted.length,
      errors: errors.length,
      firstError: errors[0]?.message,
      confirmedOnSockets: confirmed.size >= accepted.length ? 'all' : confirmed.size,
      acceptMs: percentiles(accepted),
      residentMiB: memory,
      cpus: cpus().length,
      node: process.version,
    },
    null,
    2,
  ),
);
for (const socket of sockets) socket.close();
poster.close();
await engine.stop();
process.exit(errors.length > 0 || confirmed.size < accepted.length ? 1 : 0);

/** Posts at the rate; records the memory at the end. */
async function hold(forSeconds) {
  const times = [];
  const failed = [];
  const posts = [];
  const count = Math.round(rate * forSeconds);
  const startedAt = performance.now();
  for (let sent = 0; sent < count; sent += 1) {
    const dueMs = startedAt + (sent * 1_000) / rate - performance.now();
    if (dueMs > 1) await sleep(dueMs);
    const postedAt = performance.now();
    const noteTime = () => times.push(performance.now() - postedAt);
    posts.push(poster.post().then(noteTime, (error) => failed.push(error)));
  }
  await Promise.all(posts);
  memory.push(memoryOf(engine));
  return { accepted: times, errors: failed };
}

function memoryOf({ pids }) {
  return Object.fromEntries(Object.entries(pids).map(([part, pid]) => [part, residentMiB(pid)]));
}
