// `npm run bench -- lifecycle --devnet --idle`: how long an idle engine takes from a POST until it has handed the swap's bytes to
// a node, one order at a time at 400 ms slots, and how long the bare sender takes from its decision. Both send through
// the same relay, which notes the moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { runBareSender, startDevnet, startEngineOn } from './devnet-servers.mjs';
import { inTurns, printCompared } from './in-turns.mjs';
import { createPoster, epochMs, openSocket, percentiles } from './order-client.mjs';
import { startSendRelay } from './send-relay.mjs';

const SLOT_MS = 400;
const WARM_UP = 5;
// Between two orders, plus up to a slot by chance, so that orders meet every moment of a slot.
const GAP_MS = 300;

/** Prints the milliseconds of both, the engine's by stage, and the ratio of their medians. */
export async function measureFirstBroadcast({ orders, runs, isAlone }) {
  const engine = () => onRelay((relay) => measureEngine(relay, orders));
  const bareSender = () => onRelay((relay) => measureBareSender(relay, orders));
  const results = await inTurns(runs, { ...(!isAlone && { bareSender }), engine });
  const more = { chain: `devnet, ${SLOT_MS} ms slots`, orders };
  printCompared('lifecycle --devnet --idle', results, {
    more,
    of: ({ firstBroadcastMs }) => firstBroadcastMs.p50,
  });
}

async function onRelay(measure) {
  const devnet = await startDevnet({ slotMs: SLOT_MS });
  const relay = await startSendRelay(devnet.url);
  try {
    return await measure(relay);
  } finally {
    relay.stop();
    await devnet.stop();
  }
}

async function measureBareSender({ url, sentAtMs }, orders) {
  const settings = { SLOT_MS, ORDERS: orders, IN_FLIGHT: 1, WARM_UP, GAP_MS };
  const { decidedAtMs } = await runBareSender(url, settings);
  const times = Object.entries(decidedAtMs).map(([signature, atMs]) => sentAtMs.get(signature) - atMs);
  return { firstBroadcastMs: percentiles(times) };
}

async function measureEngine(relay, orders) {
  const engine = await startEngineOn(relay.url, { slotMs: SLOT_MS });
  const poster = createPoster(engine.url, 1);
  const followed = new Map();
  const socket = await openSocket(engine.url, '/api/stream', (frame) => {
    const receivedAtMs = epochMs();
    const event = JSON.parse(frame);
    const events = followed.get(event.orderId) ?? new Map();
    followed.set(event.orderId, events);
    if (!events.has(event.type)) events.set(event.type, { ...event, receivedAtMs });
  });
  const stages = { answered: [], quoted: [], rehearsed: [], recorded: [], sent: [] };
  try {
    for (let done = -WARM_UP; done < orders; done += 1) {
      await sleep(GAP_MS + Math.random() * SLOT_MS);
      const postedAtMs = epochMs();
      const { orderId } = await poster.post();
      const answeredAtMs = epochMs();
      while (!followed.get(orderId)?.has('order.confirmed')) await sleep(5);
      const times = timesOf(followed.get(orderId), relay);
      if (done < 0) continue;
      stages.answered.push(answeredAtMs - postedAtMs);
      for (const [stage, atMs] of Object.entries(times)) stages[stage].push(atMs - postedAtMs);
    }
  } finally {
    socket.terminate();
    poster.close();
    await engine.stop();
  }
  const table = Object.entries(stages).map(([stage, times]) => [stage, percentiles(times)]);
  return { firstBroadcastMs: percentiles(stages.sent), stagesMs: Object.fromEntries(table) };
}

/** When each stage was over, milliseconds since 1970. The log's own times are whole milliseconds, rounded down. */
function timesOf(events, { sentAtMs }) {
  const submitted = events.get('order.submitted');
  return {
    quoted: Date.parse(events.get('order.building').timestamp),
    rehearsed: Date.parse(submitted.timestamp),
    recorded: submitted.receivedAtMs,
    sent: sentAtMs.get(submitted.data.signature),
  };
}
