// Many sockets on one engine (embedded, a chain that decides at once), each following the account's stream.
//   npm run bench -- sockets [--part idle|reconnect|silent] [--seconds 40] [--sockets N]
// idle       10,000 that nothing happens on: memory of each
// reconnect  N (2,000) that are cut every 1 to 5 s and resume: each must end with 1..k without a gap
// silent     200 that never read while 5 others do: memory, and how each is closed
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { residentMiB } from './support/cpu-time.mjs';
import { createPoster } from './support/order-client.mjs';
import { startMemoryEngine } from './support/servers.mjs';

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    seconds: { type: 'string', default: '40' },
    sockets: { type: 'string', default: '2000' },
  },
});
const PARTS = { idle: measureIdle, reconnect: measureReconnect, silent: measureSilent };
const parts = values.part ? [values.part] : Object.keys(PARTS);
if (!parts.every((part) => Object.hasOwn(PARTS, part))) {
  console.error(`--part is one of ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const seconds = Number(values.seconds);

for (const part of parts) {
  const engine = await startMemoryEngine();
  const poster = createPoster(engine.url, 32);
  const connect = (after) =>
    new WebSocket(
      `${engine.url.replace('http', 'ws')}/api/stream${after === undefined ? '' : `?after=${after}`}`,
      { perMessageDeflate: false },
    );
  const result = await PARTS[part]({ engine, poster, connect });
  console.log(
    JSON.stringify({ benchmark: `sockets, ${part}`, ...result, cpus: cpus().length, node: process.version }),
  );
  poster.close();
  await engine.stop();
}
process.exit(0);

async function measureIdle({ engine, poster, connect }) {
  const count = 10_000;
  // Warms the process up: any load grows its young generation once, which must not count as memory of sockets.
  await postMany(poster, 4_000);
  await sleep(5_000);
  const before = residentMiB(engine.pids.engine);
  const sockets = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: 200 }, () => connect());
    await Promise.all(batch.map((socket) => once(socket, 'message')));
    sockets.push(...batch);
  }
  await sleep(15_000); // In this time the log is polled once.
  const after = residentMiB(engine.pids.engine);
  for (const socket of sockets) socket.terminate();
  return { sockets: count, kilobytesEach: Number((((after - before) * 1_024) / count).toFixed(1)) };
}

async function measureReconnect({ poster, connect }) {
  const count = Number(values.sockets);
  const endAt = performance.now() + seconds * 1_000;
  let cuts = 0;
  let frames = 0;
  let isEnded = false;
  let end = Number.POSITIVE_INFINITY;

  /** Follows the stream over any number of connections; resolves with the last position, or rejects at a gap. */
  async function follow() {
    let last = 0;
    while (last < end) {
      const socket = connect(last);
      const cut = setTimeout(
        () => {
          cuts += isEnded ? 0 : 1;
          socket.terminate();
        },
        isEnded ? 20_000 : 1_000 + Math.random() * 4_000,
      );
      socket.on('error', () => {});
      socket.on('message', (data) => {
        const frame = data.toString();
        if (frame.startsWith('{"type":"stream.opened"')) return;
        const position = Number(/"position":(\d+)/.exec(frame)[1]);
        if (position !== last + 1) throw new Error(`position ${position} after ${last}`);
        last = position;
        frames += 1;
        if (last >= end) socket.close();
      });
      await once(socket, 'close').catch(() => {});
      clearTimeout(cut);
    }
    return last;
  }

  const followers = [];
  for (let started = 0; started < count; started += 1) {
    followers.push(follow());
    if (started % 100 === 99) await sleep(100);
  }
  let orders = 0;
  while (performance.now() < endAt) {
    await poster.post();
    orders += 1;
    await sleep(500);
  }
  await sleep(3_000); // Until the last event of the last order.
  isEnded = true;
  end = await lastPosition(connect);
  const ends = await Promise.all(followers);
  return {
    sockets: count,
    seconds,
    orders,
    cuts,
    frames,
    lastPosition: end,
    wholeStreams: ends.filter((last) => last === end).length,
  };
}

async function measureSilent({ engine, poster, connect }) {
  const [silentCount, readerCount, orders] = [200, 5, 4_000];
  await postMany(poster, orders);
  await sleep(3_000);
  // The reading sockets have read everything, and read new events.
  const startedAt = performance.now();
  const readers = Array.from({ length: readerCount }, () => {
    const reader = { socket: connect(0), last: 0 };
    reader.socket.on('message', (data) => {
      const position = Number(/"position":(\d+)/.exec(data.toString())[1]);
      if (position > reader.last + 1) throw new Error(`position ${position} after ${reader.last}`);
      reader.last = position;
    });
    return reader;
  });
  const history = await lastPosition(connect);
  while (readers.some(({ last }) => last < history)) await sleep(50);
  const historySeconds = (performance.now() - startedAt) / 1_000;
  const before = residentMiB(engine.pids.engine);
  const silent = Array.from({ length: silentCount }, () => connect(0));
  const closed = [];
  for (const socket of silent) socket.on('close', (code) => closed.push(code));
  await Promise.all(silent.map((socket) => once(socket, 'open').then(() => socket.pause())));

  let most = before;
  const connectedAt = performance.now();
  while (performance.now() - connectedAt < 45_000) {
    await poster.post();
    most = Math.max(most, residentMiB(engine.pids.engine));
    await sleep(200);
  }
  await sleep(2_000);
  const end = await lastPosition(connect);
  for (const socket of silent) socket.resume();
  for (let wait = 0; wait < 200 && closed.length < silentCount; wait += 1) await sleep(100);
  return {
    silentSockets: silentCount,
    eventsWaiting: history,
    grownMiB: Math.round(most - before),
    closed4408: closed.filter((code) => code === 4408).length,
    closedOtherwise: closed.filter((code) => code !== 4408).length,
    readersWithHistoryAfterSeconds: Number(historySeconds.toFixed(1)),
    readersWhole: readers.filter(({ last }) => last === end).length,
    readers: readerCount,
  };
}

async function postMany(poster, orders) {
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let index = 0; index < orders / 32; index += 1) await poster.post();
    }),
  );
}

/** The newest position of the stream. */
async function lastPosition(connect) {
  const socket = connect();
  const [frame] = await once(socket, 'message');
  socket.close();
  return JSON.parse(frame).position;
}
