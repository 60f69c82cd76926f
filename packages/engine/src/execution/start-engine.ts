import { keepClosingReceipts } from './close-receipts.ts';
import { keepDiscovering } from './discover-pools.ts';
import type { Engine } from './engine.ts';
import { executeOrder } from './execute-order.ts';
import { createMarketWatch, sampleMarket } from './market-watch.ts';
import { createObserver } from './observe-attempts.ts';
import { sweepOrders } from './recover-orders.ts';
import { createRememberedOrders, signerOfRemembered } from './remembered-orders.ts';
import { createWaitTimes } from './wait-times.ts';
import { createWaitingRoom } from './waiting-room.ts';
import { watchChainTime } from './watch-chain-time.ts';
import { signerAtHome, watchIdentity } from './watch-identity.ts';
import type { World } from './world.ts';

export function createEngine(parts: World): Engine {
  const remembered = createRememberedOrders(parts);
  const signer = signerOfRemembered(signerAtHome(parts.signer, parts.chain.identity), remembered);
  const world = { ...parts, signer };
  const watching = { ...world, market: createMarketWatch(world), waits: createWaitTimes(world), remembered };
  const waitingRoom = createWaitingRoom(watching);
  return { ...watching, observer: createObserver(watching), waitingRoom };
}

/**
 * Starts working: a crash start and a normal start are this same path.
 *
 * @param soleProcess Leases of an earlier process are void, since no other process can hold one.
 * @param leads Whether this process looks after what other processes left behind; one of them does.
 * @returns Stops taking orders, waits for those in hand, then stops observing. What is in flight is found at the
 *          next start, or by another process.
 */
export async function startEngine(
  engine: Engine,
  { soleProcess, leads = () => true }: { readonly soleProcess: boolean; readonly leads?: () => boolean },
): Promise<() => Promise<void>> {
  if (soleProcess) await engine.orders.voidLeases();
  await engine.remembered.look(); // Before any order is worked on: what it finds stops signing.
  engine.queue.start(async (orderId) => {
    await executeOrder(engine, orderId);
  });
  const working: AbortController[] = [];
  // A signal each: a dozen loops that wait on one look like a leak of listeners, and Node.js says so.
  const signal = (): AbortSignal => working[working.push(new AbortController()) - 1]!.signal;
  const loops = Promise.all([
    engine.observer.run(signal(), leads),
    engine.waitingRoom.run(signal()),
    engine.remembered.run(signal()),
    sweepOrders(engine, signal(), leads),
    watchChainTime(engine, engine.market.time, signal()),
    sampleMarket(engine, engine.market, signal()),
    keepDiscovering(engine, engine.market.discover, signal()),
    keepClosingReceipts(engine, signal()),
    watchIdentity(engine, signal()),
  ]);
  return async () => {
    await engine.queue.stop();
    for (const loop of working) loop.abort();
    await loops;
  };
}
