import { accountOf, createMemoryChain } from '../../src/adapters/memory/chain.ts';
import { createMemoryLeaderLease } from '../../src/adapters/memory/leader-lease.ts';
import { createMemoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { createMemoryPriceMarks } from '../../src/adapters/memory/price-marks.ts';
import { createMemoryProcessShares } from '../../src/adapters/memory/process-shares.ts';
import type { QuoteRecord } from '../../src/domain/order-event.ts';
import { timeAfter } from '../../src/domain/timestamp.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import type { ChainNode } from '../../src/ports/chain.ts';
import { TEST_LIMITS } from '../support/test-limits.ts';
import { fundPools, POOLS, SOL, USDC, WALLET } from '../support/world.ts';
import { startBlocks } from './blocks.ts';
import { ELSEWHERE, type Network, type SimulatedNode } from './chain-link.ts';
import { type Chance, createChance } from './chance.ts';
import { createChecker } from './checker.ts';
import { type Clients, runClients } from './clients.ts';
import { isEnd } from './ends.ts';
import { drawFaults, type FaultName, type Faults, NO_FAULTS, withoutFaults } from './faults.ts';
import { OTHER_WALLET } from './join-database.ts';
import { runProcesses } from './processes.ts';
import { createScheduler } from './scheduler.ts';
import { isHealing, type SetClock, type Setup, type Simulated } from './simulated.ts';
import { EPOCH_MS } from './simulated-time.ts';
import { createTimeline } from './timeline.ts';
import { hold, Violation } from './violation.ts';

export interface SeedResult {
  readonly seed: number;
  readonly violation: Violation | null;
  /** Empty unless asked for. */
  readonly timeline: readonly string[];
  /** How often what happened. */
  readonly counts: ReadonlyMap<string, number>;
}

/** After so long in a healed world nothing that a node told before has an effect any more. */
const RECOVERY_MS = 8_000;

const isNotAwaited = (quote: QuoteRecord): boolean =>
  quote.outcome === 'unavailable' && quote.code === 'not_awaited';

/** More than an order of a seed has. */
const MAX_EVENTS = 1_000;

/** How long the world may take to bring every order to its end once nothing goes wrong any more. */
const HEALING_MS = 300_000;

/**
 * One world, wholly drawn from its seed: first everything that may go wrong does, then nothing does and every order
 * must end. The invariants are checked after every step.
 */
export async function runSeed(
  seed: number,
  {
    keepTimeline = false,
    without = [],
  }: { readonly keepTimeline?: boolean; readonly without?: readonly FaultName[] } = {},
): Promise<SeedResult> {
  const chance = createChance(seed);
  const isLong = chance.happens(0.02);
  const setup = drawSetup(chance, isLong);
  const faults = withoutFaults(drawFaults(chance, isLong), without);
  const limits = drawLimits(chance);
  const scheduler = createScheduler(() => checker.orders.check());
  const timeline = createTimeline(scheduler.nowMs, keepTimeline);
  const storeClock: SetClock = { setByMs: 0 };
  const storeTime = { now: () => timeAfter(EPOCH_MS, storeClock.setByMs + scheduler.nowMs()) };
  const store = createMemoryOrderStore({ clock: storeTime });
  const chain = createChain(setup);
  const checker = createChecker({
    store,
    chain,
    limits,
    nowMs: scheduler.nowMs,
    clocksAreRight: faults.clockSkewMs === 0 && faults.clockSetEveryMs === 0,
    healedAtMs: setup.safetyMs + RECOVERY_MS,
  });
  const counts = new Map<string, number>();
  let violation: Violation | null = null;
  let number = 0;
  const sim: Simulated = {
    chance,
    scheduler,
    timeline,
    checker,
    store,
    lease: createMemoryLeaderLease(storeTime),
    marks: createMemoryPriceMarks(),
    shares: createMemoryProcessShares(storeTime),
    storeClock,
    chain,
    limits,
    startLimit: chance.happens(0.3) ? { starts: chance.between(1, 4), windowMs: 1_000 } : null,
    setup,
    faults: () => (isHealing(sim) ? NO_FAULTS : faults),
    verify(check) {
      try {
        check();
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        violation ??= error;
      }
    },
    nextNumber: () => (number += 1),
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  };
  try {
    const clients = await play(sim, () => violation !== null);
    if (violation === null) finish(sim, clients);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation ??= error;
  }
  for (const { order } of checker.orders.all()) {
    sim.count(order.status);
    const { swapMode, amount } = order.request;
    const events = await store.events(order.request.orderId, 0, MAX_EVENTS);
    for (const { type, data } of events) {
      if (type === 'order.opened') sim.count(data.cause ? 'opened again' : 'opened');
      if (type === 'order.triggered') sim.count(`fired: ${data.by}`);
      if (type === 'order.amended') sim.count('amended');
    }
    if (events.some(({ type, data }) => type === 'order.submitted' && data.computeUnits))
      sim.count('not rehearsed');
    if (events.some(({ type, data }) => type === 'order.building' && data.quotes.some(isNotAwaited)))
      sim.count('not awaited');
    if (swapMode === 'partialFill' && order.fill && order.fill.amountIn < amount) sim.count('filled in part');
  }
  if (violation !== null) timeline.note('VIOLATION', () => `${violation?.invariant}: ${violation?.message}`);
  return { seed, violation, timeline: timeline.lines(), counts };
}

async function play(sim: Simulated, isBroken: () => boolean): Promise<Clients> {
  const { scheduler, chain, setup, timeline, checker } = sim;
  timeline.note('setup', () => JSON.stringify({ ...setup, ...changedFaults(sim) }));
  const network: Network = { seen: new Map(), held: new Set(), lost: null };
  const nodes = createNodes(sim);
  const processes = runProcesses(sim, network, nodes);
  startBlocks(sim, network, nodes, processes);
  const clients = runClients(sim, processes);
  await scheduler.runUntil(() => isBroken() || scheduler.nowMs() >= setup.safetyMs);

  timeline.note('world', () => 'heals: nothing goes wrong from here on');
  for (const node of nodes) {
    node.firstSlot = 0n;
    node.ahead = 0n;
  }
  network.lost = null;
  for (const bytes of network.held) void chain.chain.nodes[0]!.send(bytes);
  network.held.clear();
  processes.heal();
  const isSettled = (): boolean => clients.areDone() && checker.orders.unfinished() === 0;
  const endMs = setup.safetyMs + HEALING_MS;
  await scheduler.runUntil(() => isBroken() || isSettled() || scheduler.nowMs() >= endMs);
  if (isBroken()) return clients;
  hold(isSettled(), 'I5', () => {
    const open = checker.orders.all().filter(({ order }) => !isEnd(order.status) || !order.finalized);
    const states = open.map(({ order }) => `${order.request.orderId} ${order.status}`);
    return `not settled after ${HEALING_MS / 1_000} s without faults: ${states}`;
  });

  // Whatever was ever sent turns up once more, and nothing may come of it.
  for (const bytes of network.seen.values()) void chain.chain.nodes[0]!.send(bytes);
  const lastSlot = chain.slot() + 2n;
  await scheduler.runUntil(() => isBroken() || chain.slot() >= lastSlot);
  return clients;
}

function finish({ checker, setup }: Simulated, clients: Clients): void {
  checker.chain.finish();
  const accepted = setup.clients.orders - clients.tooLate();
  hold(
    checker.orders.all().length === accepted,
    'I9',
    () => `${accepted} keys made ${checker.orders.all().length} orders`,
  );
}

function drawSetup(chance: Chance, isLong: boolean): Setup {
  const processes = chance.pick([1, 2, 2, 3]);
  return {
    processes,
    nodes: chance.pick([1, 2, 2, 3]),
    isEmbedded: processes === 1 && chance.happens(0.5),
    safetyMs: isLong ? 150_000 : chance.between(5_000, 18_000),
    blockhashBlocks: chance.between(6, 14),
    ...drawFinality(chance),
    clients: {
      orders: chance.between(1, 3),
      cancels: chance.below(3),
      streams: chance.below(3),
      watchesAccount: chance.happens(0.3),
      rest: chance.happens(0.4),
    },
  };
}

/** By depth, or as by certificates: then a block is final as soon as it is confirmed, and only newer ones can go. */
function drawFinality(chance: Chance): Pick<Setup, 'confirmAfterSlots' | 'finalizeAfterSlots'> {
  const confirmAfterSlots = chance.pick([1, 1, 2]);
  const isByCertificate = chance.happens(0.2);
  return {
    confirmAfterSlots,
    finalizeAfterSlots: isByCertificate ? confirmAfterSlots : chance.between(3, 7),
  };
}

/** Shorter than in production, as the chain's own times are, so that a seed sees many of each. */
function drawLimits(chance: Chance): ExecutionLimits {
  return {
    ...TEST_LIMITS,
    leaseMs: chance.pick([2_000, 5_000]),
    sweepMs: 2_000,
    backoffMs: [300, 700],
    quoteTimeoutMs: 500,
    leastRehearsals: chance.pick([0, 0, 1]),
    observeMs: chance.pick([200, 1_000]),
    closeReceiptsMs: 2_000,
    maxWaitMs: chance.pick([2_000, 5_000, 600_000]),
  };
}

function createChain(setup: Setup) {
  const { blockhashBlocks, confirmAfterSlots, finalizeAfterSlots } = setup;
  const chain = createMemoryChain({
    pools: POOLS,
    blocks: 'manual',
    blockhashBlocks,
    confirmAfterSlots,
    finalizeAfterSlots,
  });
  for (const wallet of [WALLET, OTHER_WALLET]) {
    chain.setBalance(accountOf(wallet, SOL), 900_000_000_000n);
    chain.setBalance(accountOf(wallet, USDC), 90_000_000_000n);
  }
  fundPools(chain);
  return chain;
}

// More slots than a seed has.
const SLOTS_AHEAD = 2_000;

/** A node of a chain of which every transaction of ours is absent for ever. */
function createOtherChain(setup: Setup, { nodeElsewhereEveryMs }: Faults): ChainNode {
  const { blockhashBlocks, confirmAfterSlots, finalizeAfterSlots } = setup;
  const depths = { blockhashBlocks, confirmAfterSlots, finalizeAfterSlots };
  const other = createMemoryChain({ ...depths, pools: POOLS, blocks: 'manual', genesisHash: ELSEWHERE });
  if (nodeElsewhereEveryMs > 0) for (let slots = 0; slots < SLOTS_AHEAD; slots += 1) other.produceBlock();
  return other.chain.anyNode;
}

/** At most one of several nodes lies in each way: a second opinion is what the protocol asks for, not a third. */
function createNodes(sim: Simulated): SimulatedNode[] {
  const { chance, chain, setup } = sim;
  const liar = sim.faults().liar && setup.nodes > 1 ? chance.below(setup.nodes) : -1;
  const misreader = sim.faults().misreader && setup.nodes > 1 ? chance.below(setup.nodes) : -1;
  const other = createOtherChain(setup, sim.faults());
  return Array.from({ length: setup.nodes }, (_, index) => ({
    node: chain.nodeBehind(`node ${index + 1}`, () =>
      chance.below(Math.floor(sim.faults().nodeLagSlots * chance.fraction()) + 1),
    ),
    outage: { untilMs: 0 },
    elsewhere: { untilMs: 0, node: other },
    firstSlot: 0n,
    isLiar: index === liar,
    isMisreader: index === misreader,
    ahead: 0n,
  }));
}

const changedFaults = (sim: Simulated) =>
  Object.fromEntries(Object.entries(sim.faults()).filter(([, value]) => value !== 0 && value !== false));
