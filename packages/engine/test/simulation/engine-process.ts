import { createMemoryEventBus } from '../../src/adapters/memory/event-bus.ts';
import { createMemoryTokenRegistry } from '../../src/adapters/memory/token-registry.ts';
import { createMemoryVenue } from '../../src/adapters/memory/venue.ts';
import { createMemoryWorkQueue } from '../../src/adapters/memory/work-queue.ts';
import { firstAvailable } from '../../src/adapters/solana/first-available.ts';
import { ACCOUNT } from '../../src/api/account.ts';
import { momentOf } from '../../src/domain/moment.ts';
import { type OrderId, toOrderId } from '../../src/domain/order.ts';
import type { QuoteAnswer } from '../../src/domain/quote.ts';
import { timeAfter } from '../../src/domain/timestamp.ts';
import type { Engine } from '../../src/execution/engine.ts';
import { createEngine, startEngine } from '../../src/execution/start-engine.ts';
import type { TriggerParts } from '../../src/execution/triggers/fire-triggers.ts';
import { ALL_SHARES, createShares } from '../../src/execution/triggers/shares.ts';
import { createLeadership, type Leadership, SOLE_LEADER } from '../../src/execution/upkeep/leadership.ts';
import { createChainIdentity } from '../../src/ports/chain-identity.ts';
import { type Clock, sleepOn } from '../../src/ports/clock.ts';
import type { EventBus, Publication } from '../../src/ports/event-bus.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { type Venue, VenueUnavailable } from '../../src/ports/venue.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import { BONK, POOLS, SOL, USDC } from '../support/world.ts';
import { connectNode, type Network, type SimulatedNode } from './chain-link.ts';
import { drawKeys, joinDatabase, signerWith } from './join-database.ts';
import { deliver, type Life, type Simulated } from './simulated.ts';
import { EPOCH_MS } from './simulated-time.ts';
import {
  connectLease,
  connectMarks,
  connectShares,
  connectStore,
  type Outage,
  openStoreLink,
  type StoreLink,
} from './store-link.ts';

/** One running process: the real core on ports that reach the world through bad lines. */
export interface EngineProcess {
  readonly life: Life;
  readonly engine: Engine;
  /** Rejects if the process could not start. */
  readonly started: Promise<unknown>;
  wake(orderId: OrderId): void;
  hear(publication: Publication): void;
  hint(slot: bigint): void;
  /** Resolves when everything in hand is done. */
  stop(): Promise<void>;
}

/** What processes share. */
export interface Surroundings {
  readonly storeOutage: Outage;
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  /** Hands a wake-up to some process; the line may lose or double it. */
  wake(orderId: OrderId, delayMs: number): void;
  publish(publication: Publication): void;
}

export function startProcess(sim: Simulated, around: Surroundings, life: Life): EngineProcess {
  const { chance, chain, setup } = sim;
  const clock = processClock(sim, life, Math.round((chance.fraction() - 0.5) * 2 * sim.faults().clockSkewMs));
  const log = processLog(sim, life);
  const inbox = createMemoryEventBus();
  const slotListeners = new Set<(slot: bigint) => void>();
  const concurrency = chance.pick([1, 2, 8]);
  const link = openStoreLink(sim, life, around.storeOutage);
  const inner = createMemoryWorkQueue({ clock, log, concurrency, startLimit: sim.startLimit });
  const queue: WorkQueue = {
    wake: (orderId, delayMs = 0) => around.wake(orderId, delayMs),
    start: inner.start,
    stop: inner.stop,
  };
  const bus: EventBus = { ...inbox, publish: around.publish };
  const keys = drawKeys(sim);
  const signer = signerWith(keys);
  const identity = createChainIdentity(chain.chain.identity.genesisHash);
  const nodes = around.nodes.map((node) =>
    connectNode(sim, life, node, { network: around.network, identity }),
  );
  const { any, ask } = firstAvailable(nodes, clock);
  // A venue whose pools the engine does not read, as Jupiter, is not always waited for.
  const outside = !setup.clients.rest && chance.happens(0.3) ? 'meteora' : null;
  const engine = createEngine({
    orders: connectStore(sim, link),
    queue,
    bus,
    chain: {
      ...chain.chain,
      identity,
      nodes,
      anyNode: any,
      askAny: ask,
      onSlot(listener) {
        slotListeners.add(listener);
        return () => slotListeners.delete(listener);
      },
    },
    venues: ['raydium', 'meteora'].map((name) => {
      const venue = connectVenue(sim, { life, nodes: around.nodes }, createMemoryVenue(name, POOLS, chain));
      const { market, ...rest } = venue;
      return name === outside ? rest : venue;
    }),
    tokens: createMemoryTokenRegistry([SOL, USDC, BONK]),
    signer: {
      ...signer,
      sign: (message, policy) =>
        signer.sign(message, policy).then((signed) => later(sim, life, chance.between(1, 20), () => signed)),
    },
    clock,
    random: { uuid: () => nextOrderId(sim), fraction: () => chance.fraction() },
    log,
    limits: sim.limits,
  });
  if (outside !== null) knowGains(engine, outside);
  const working = new AbortController();
  const leadership = leadershipOf(sim, life, { link, clock, log });
  const started = joinDatabase(sim, link, keys).then(() => {
    void leadership.run(working.signal);
    return startEngine(engine, {
      soleProcess: setup.isEmbedded,
      leads: leadership.leads,
      ...(setup.clients.rest && { triggers: triggersOf(sim, life, { link, clock, log }) }),
    });
  });
  sim.timeline.note(life.name, () => `starts with ${keys.wallet} and ${keys.secret}`);
  return {
    life,
    engine,
    started,
    wake: inner.wake,
    hear: inbox.publish,
    hint: (slot) => {
      for (const listener of slotListeners) listener(slot);
    },
    stop: async () => {
      working.abort('stopped');
      await (await started)();
    },
  };
}

/** As after many rounds in which the venue gained nothing. */
function knowGains({ market }: Engine, venue: string): void {
  for (const [tokenIn, tokenOut] of [
    [SOL, USDC],
    [USDC, SOL],
  ] as const)
    for (const swapMode of ['exactIn', 'exactOut', 'partialFill'] as const)
      for (let round = 0; round < 20; round += 1)
        market.gains.note(venue, { tokenIn, tokenOut, swapMode, amount: 1n }, 0);
}

/** Of several processes one looks after what others left behind; one alone always does. */
function leadershipOf(
  sim: Simulated,
  life: Life,
  { link, clock, log }: { readonly link: StoreLink; readonly clock: Clock; readonly log: Logger },
): Leadership {
  if (sim.setup.processes === 1) return SOLE_LEADER;
  const holder = `${life.name}, start ${sim.scheduler.nowMs()}`;
  return createLeadership({ lease: connectLease(sim, link), holder, name: 'sweep', clock, log });
}

/** Of several processes each has its share of the pairs, or in some worlds all, which must do no harm. */
function triggersOf(
  sim: Simulated,
  life: Life,
  { link, clock, log }: { readonly link: StoreLink; readonly clock: Clock; readonly log: Logger },
): TriggerParts {
  const holder = `${life.name}, start ${sim.scheduler.nowMs()}`;
  const shares =
    sim.setup.processes === 1 || sim.setup.clients.watchesAccount
      ? ALL_SHARES
      : createShares({ shares: connectShares(sim, link), holder, clock, log });
  return { accountId: ACCOUNT, shares, marks: connectMarks(sim, link) };
}

function processClock(sim: Simulated, life: Life, skewMs: number): Clock {
  const after: Clock['after'] = (ms, run) => deliver(sim, life, ms, run);
  return {
    now: () => timeAfter(EPOCH_MS, skewMs + life.clock.setByMs + Math.floor(sim.scheduler.nowMs())),
    moment: () => momentOf(Math.floor(sim.scheduler.nowMs())),
    after,
    sleep: sleepOn(after),
  };
}

/** A venue that reads accounts of nodes, and answers late, or too late, or with an error; or who asks it is late to hear it. */
function connectVenue(
  sim: Simulated,
  { life, nodes }: { readonly life: Life; readonly nodes: readonly SimulatedNode[] },
  venue: Venue,
): Venue {
  const { chance, scheduler, limits } = sim;
  const isChainAway = () => nodes.every(({ outage }) => scheduler.nowMs() < outage.untilMs);
  const away = (): QuoteAnswer[] => [
    {
      ...{ outcome: 'refused', venue: venue.name, pool: null, code: 'chain_unavailable' },
      ...{ reason: 'no node shows the accounts', answerMs: 0 },
    },
  ];
  return {
    ...venue,
    swapInstructions: (swap) => {
      if (!chance.happens(sim.faults().venueTrouble)) return venue.swapInstructions(swap);
      sim.count('offer not built');
      throw new VenueUnavailable(`${venue.name} gave no answer.`);
    },
    market: async (signal) => (isChainAway() ? null : ((await venue.market?.(signal)) ?? null)),
    quote: async (request, signal) => {
      if (isChainAway()) return later(sim, life, chance.between(1, 60), away);
      if (chance.happens(sim.faults().engineLate)) {
        sim.count('late engine');
        const backMs = limits.quoteTimeoutMs * chance.between(2, 5);
        life.pausedUntilMs = Math.max(life.pausedUntilMs, scheduler.nowMs() + backMs);
        const answers = await venue.quote(request, signal);
        return later(sim, life, backMs + 1, () => answers);
      }
      const isTrouble = chance.happens(sim.faults().venueTrouble);
      if (isTrouble && chance.happens(0.5)) throw new Error('the venue is broken');
      const delayMs = isTrouble ? chance.between(100, 3_000) : chance.between(1, 60);
      const answers = await venue.quote(request, signal);
      return later(sim, life, delayMs, () => answers);
    },
  };
}

const later = <T>(sim: Simulated, life: Life, delayMs: number, value: () => T): Promise<T> =>
  new Promise((resolve) => deliver(sim, life, delayMs, () => resolve(value())));

function processLog({ timeline }: Simulated, life: Life): Logger {
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    timeline.note(life.name, () => {
      const { orderId, error } = fields;
      const cause = error instanceof Error ? `: ${error.message}` : '';
      return `  log: ${orderId ? `${orderId} ` : ''}${message}${cause}`;
    });
  return { debug() {}, info() {}, warn: write, error: write };
}

/** Ids sort by creation, as UUIDv7 does. */
function nextOrderId(sim: Simulated): OrderId {
  const number = sim.nextNumber();
  const orderId = toOrderId(`00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`);
  sim.timeline.name(orderId, `o${number}`);
  return orderId;
}
