// How many orders per second go from POST to `confirmed`, persisted, with every event received on a WebSocket; and how that
// compares with yardsticks, which run in turns with the engine.
//   npm run bench -- lifecycle [--orders 20000] [--concurrency 512] [--per-order] [--devnet | --scaled] [--runs 1] [--alone]
//     [--profile DIRECTORY]
//   npm run bench -- lifecycle --devnet --idle [--orders 50] [--runs 1] [--alone]
// With --scaled 128 are in flight unless told otherwise: support/scaled-lifecycle.mjs.
// The events come on one socket, the account's stream; with --per-order on a socket for each order.
// Without --devnet the chain decides at once (in process); with it the real devnet runs at 50 ms slots.
// Yardsticks: with --devnet the bare sender (support/bare-sender.mjs), otherwise the lean pipeline (support/lean-embedded.mjs)
// and the usual design (support/naive-process.mjs), if redis-server and PostgreSQL are there. None with --per-order or --alone.
// `ratios` has the engine's rate over each yardstick's. With --runs each figure is a median with the lowest and the highest.
// --idle measures one order at a time from POST to the first broadcast: support/first-broadcast.mjs.
// --profile has the engine and its devnet write a CPU profile of their main threads each.
// The engine, its chain and this client share the machine's cores.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBareSender, startDevnetEngine } from './support/devnet-servers.mjs';
import { measureFirstBroadcast } from './support/first-broadcast.mjs';
import { inTurns, printCompared } from './support/in-turns.mjs';
import { MOST_WARM_UP, measureLifecycles } from './support/lifecycle-client.mjs';
import { measureScaled } from './support/scaled-lifecycle.mjs';
import {
  missingForScaled,
  startLeanPglite,
  startMemoryEngine,
  startUsualDesign,
} from './support/servers.mjs';

const { values } = parseArgs({
  options: {
    orders: { type: 'string' },
    concurrency: { type: 'string' },
    'per-order': { type: 'boolean', default: false },
    devnet: { type: 'boolean', default: false },
    scaled: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
    alone: { type: 'boolean', default: false },
    idle: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
if (values.idle && !values.devnet) {
  console.error('--idle needs --devnet (npm run bench -- lifecycle --help)');
  process.exit(2);
}
const SLOT_MS = 50;
const runs = Number(values.runs);
const isAlone = values.alone || values['per-order'];
const concurrency = Number(values.concurrency ?? (values.scaled ? 128 : 512));

if (values.scaled)
  await measureScaled({ orders: Number(values.orders ?? 12_000), inFlight: concurrency, runs, isAlone });
else if (values.devnet && values.idle)
  await measureFirstBroadcast({ orders: Number(values.orders ?? 50), runs, isAlone });
else if (values.devnet) await measureOnDevnet(Number(values.orders ?? 2_000));
else await measureEmbedded(Number(values.orders ?? 20_000));
process.exit(0);

async function measureEmbedded(orders) {
  const measure = (start, count) => () => measureServer(start, count);
  const missing = isAlone ? undefined : await missingForScaled();
  const yardsticks = {
    leanPglite: measure(startLeanPglite, orders),
    ...(!missing && { usualDesign: measure(startUsualDesign, Math.ceil(orders / 6)) }),
  };
  const contestants = { ...(!isAlone && yardsticks), engine: measure(startMemoryEngine, orders) };
  const leftOut = missing && { leftOut: `usualDesign, for lack of ${missing}` };
  const chain = 'in process, no delay';
  printCompared('lifecycle', await inTurns(runs, contestants), { more: { chain, ...leftOut } });
}

async function measureOnDevnet(orders) {
  const WARM_UP = Math.min(orders, MOST_WARM_UP);
  const bareSender = () =>
    measureBareSender({ slotMs: SLOT_MS, ORDERS: orders, IN_FLIGHT: concurrency, WARM_UP });
  const nodeOptions = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`] : [];
  const startEngine = () => startDevnetEngine({ slotMs: SLOT_MS, nodeOptions });
  const contestants = { ...(!isAlone && { bareSender }), engine: () => measureServer(startEngine, orders) };
  printCompared('lifecycle', await inTurns(runs, contestants), {
    more: { chain: `devnet, ${SLOT_MS} ms slots` },
  });
}

async function measureServer(start, orders) {
  const server = await start();
  try {
    return await measureLifecycles(server, { orders, concurrency, perOrder: values['per-order'] });
  } finally {
    await server.stop();
  }
}
