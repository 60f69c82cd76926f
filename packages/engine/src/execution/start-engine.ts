import type { RecoveryLog } from '../ports/recovery-log.ts';
import { createObserver } from './attempts/observe-attempts.ts';
import { keepReady } from './building/keep-ready.ts';
import { Rehearsals } from './building/rehearsals.ts';
import type { Engine } from './engine.ts';
import { executeOrder } from './execute-order.ts';
import { keepDiscovering } from './market/discover-pools.ts';
import { createMarketWatch, sampleMarket } from './market/market-watch.ts';
import type { Ports } from './ports.ts';
import { createRememberedOrders } from './proofs/remembered-orders.ts';
import { signerOnceAnswered } from './proofs/start-question.ts';
import { createUnknownTransactions } from './recovery/unknown-transactions.ts';
import { createAccountTails } from './streams/account-tails.ts';
import { fireTriggers, type TriggerParts } from './triggers/fire-triggers.ts';
import { keepClosingReceipts } from './upkeep/close-receipts.ts';
import { sweepOrders } from './upkeep/sweep-orders.ts';
import { watchChainTime } from './upkeep/watch-chain-time.ts';
import { signerAtHome, watchIdentity } from './upkeep/watch-identity.ts';
import { createWaitTimes } from './waiting/wait-times.ts';
import { createWaitingRoom } from './waiting/waiting-room.ts';

/** @param recoveries Transactions that a restored database is known to lack; none if absent. */
export function createEngine(parts: Ports, recoveries: Pick<RecoveryLog, 'lost'> = NOTHING_LOST): Engine {
  const remembered = createRememberedOrders(parts);
  const unknown = createUnknownTransactions(parts, recoveries);
  const signer = signerOnceAnswered(signerAtHome(parts.signer, parts.chain.identity), [remembered, unknown]);
  const ports = { ...parts, signer };
  const market = createMarketWatch(ports);
  const rehearsals = new Rehearsals({ ...ports, market }, () => observer.openOrders());
  const watching = { ...ports, market, rehearsals, waits: createWaitTimes(ports), remembered };
  const observer = createObserver(watching);
  const waitingRoom = createWaitingRoom(watching);
  const tails = createAccountTails(ports);
  return { ...watching, observer, waitingRoom, tails, unknown };
}

const NOTHING_LOST: Pick<RecoveryLog, 'lost'> = { lost: async () => [] };

/** Checks the chain for transactions and orders that the database lacks. A finding stops signing. */
export async function askAboutPast({
  remembered,
  unknown,
}: Pick<Engine, 'remembered' | 'unknown'>): Promise<void> {
  await Promise.all([remembered.look(), unknown.look()]);
}

/**
 * Starts working: a crash start and a normal start are this same path.
 *
 * @param soleProcess Leases of an earlier process are void, since no other process can hold one.
 * @param leads Whether this process is the leader, which continues the orders of dead processes.
 * @param onOrder Called before each run of an order.
 * @returns Stops taking orders, waits for those in hand, then stops observing. What is in flight is found at the
 *          next start, or by another process.
 */
export async function startEngine(
  engine: Engine,
  {
    soleProcess,
    leads = () => true,
    onOrder,
    triggers,
  }: {
    readonly soleProcess: boolean;
    readonly leads?: () => boolean;
    readonly onOrder?: () => void;
    readonly triggers?: TriggerParts;
  },
): Promise<() => Promise<void>> {
  if (soleProcess) await engine.orders.voidLeases();
  await askAboutPast(engine); // Before any order is worked on.
  engine.queue.start(async (orderId) => {
    onOrder?.();
    await executeOrder(engine, orderId);
  });
  const working: AbortController[] = [];
  // One signal for each loop: Node.js warns of a listener leak if a dozen loops wait on one signal.
  const signal = (): AbortSignal => working[working.push(new AbortController()) - 1]!.signal;
  const loops = Promise.all([
    engine.observer.run(signal(), leads),
    engine.waitingRoom.run(signal()),
    engine.remembered.run(signal()),
    engine.unknown.run(signal()),
    sweepOrders(engine, signal(), leads),
    watchChainTime(engine, engine.market.time, signal()),
    sampleMarket(engine, engine.market, signal()),
    keepDiscovering(engine, engine.market.discover, signal()),
    keepClosingReceipts(engine, signal()),
    watchIdentity(engine, signal()),
    keepReady(engine, signal()),
    ...(triggers ? [triggers.shares.run(signal()), fireTriggers(engine, triggers, signal())] : []),
  ]);
  return async () => {
    await engine.queue.stop();
    for (const loop of working) loop.abort();
    await loops;
  };
}
