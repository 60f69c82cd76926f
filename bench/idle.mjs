// What an embedded engine without orders takes of a processor, its local chain apart.
//   npm run bench -- idle [--seconds 20] [--slot-ms 400]
// Prints the percentage of one core: of the engine by thread, and of the devnet. Linux only.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuTimeMs, mapNumbers, residentMiB } from './support/cpu-time.mjs';
import { startDevnetEngine } from './support/devnet-servers.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    'slot-ms': { type: 'string', default: '400' },
  },
});
if (!cpuTimeMs(process.pid)) {
  console.error('idle needs Linux, whose /proc has the processor times (npm run bench -- idle --help)');
  process.exit(2);
}
const seconds = Number(values.seconds);
const slotMs = Number(values['slot-ms']);
// Until what a start leaves to do, such as compiling, is done.
const SETTLE_MS = 10_000;

const server = await startDevnetEngine({ slotMs });
await sleep(SETTLE_MS);
const { engine, devnet } = server.pids;
const before = { engine: cpuTimeMs(engine), devnet: cpuTimeMs(devnet) };
const startedAt = performance.now();
await sleep(seconds * 1_000);
const wholeMs = performance.now() - startedAt;
console.log(
  JSON.stringify(
    {
      benchmark: 'idle',
      seconds,
      slotMs,
      percentOfCore: { engine: shares(before.engine, engine), devnet: shares(before.devnet, devnet) },
      residentMiB: { engine: residentMiB(engine), devnet: residentMiB(devnet) },
      cpus: cpus().length,
      node: process.version,
    },
    null,
    2,
  ),
);
await server.stop();

/** By thread and in all. */
function shares(from, pid) {
  const threads = Object.entries(cpuTimeMs(pid)).map(([thread, ms]) => [thread, ms - from[thread]]);
  const all = threads.reduce((sum, [, ms]) => sum + ms, 0);
  const used = { all, ...Object.fromEntries(threads) };
  return mapNumbers(used, (ms) => Number(((ms / wholeMs) * 100).toFixed(2)));
}
