import { type SeededDraws, seededDraws } from '../market/seeded-hash.ts';
import type { CongestionOrder } from './congestion.ts';
import type { NetworkOrders } from './network-faults.ts';
import type { NodeOrders } from './node-faults.ts';
import { NO_SELECTION, type Selection } from './selector.ts';

/** The effects of a scenario on the transactions with its reference, or on all transactions if it cannot be that exact. */
export interface ScenarioEffects {
  readonly network?: NetworkOrders;
  /** Of the first node. */
  readonly node?: NodeOrders;
  /** Faults of the first node, for calls without a reference. */
  readonly nodeForAll?: NodeOrders;
  readonly congestion?: CongestionOrder;
  /** A fork drops the transaction's block when this many blocks follow it. */
  readonly forkAfterBlocks?: number;
  /** Another trader swaps before the transaction, in the same direction. */
  readonly drain?: DrainOrder;
}

export interface DrainOrder {
  /** Input in percent of the pool's reserve of that token. */
  readonly percent: number;
  /** Slots after which the same trader trades back. */
  readonly restoreAfterSlots: number;
}

/** Calls that name a signed transaction, so that a fault can hit a single order. */
const ITS_CALLS = ['sendTransaction', 'getSignatureStatuses', 'getTransaction'];
const READS_OF_VENUES = ['getMultipleAccounts', '/swap/v2/build'];

const between = (draws: SeededDraws, least: number, most: number) => least + draws.below(most - least + 1);
const next = (count: number): Selection => ({ ...NO_SELECTION, next: count });
const ALL: Selection = { ...NO_SELECTION, rate: 1 };

/** The scenarios by name; the seed decides rates, delays and amounts. */
export const SCENARIOS = {
  drop: (draws) => ({ network: { drop: next(between(draws, 1, 4)) } }),
  delay: (draws) => ({ network: { delay: { ...ALL, slots: between(draws, 2, 20) } } }),
  duplicate: (draws) => ({ network: { duplicate: { ...ALL, slots: between(draws, 1, 5) } } }),
  http429: (draws) => ({ node: { http429: { ...next(between(draws, 2, 5)), methods: ITS_CALLS } } }),
  http503: (draws) => ({ node: { http503: { ...next(between(draws, 2, 5)), methods: ITS_CALLS } } }),
  timeout: (draws) => ({ node: { timeout: { ...next(between(draws, 1, 2)), methods: ITS_CALLS } } }),
  lostAnswer: (draws) => ({
    node: { lostAnswer: { ...next(between(draws, 1, 3)), methods: ['sendTransaction'] } },
  }),
  laggingNode: (draws) => ({ node: { lag: { ...ALL, methods: null, blocks: between(draws, 5, 40) } } }),
  disagreeingNode: () => ({ node: { forget: ALL } }),
  congestion: (draws) => ({
    congestion: {
      priceMicroLamports: 1_000n,
      risePercent: between(draws, 5, 15),
      slots: between(draws, 20, 60),
    },
  }),
  expire: () => ({ network: { expire: next(1) } }),
  fork: (draws) => ({ forkAfterBlocks: between(draws, 2, 8) }),
  venueTimeout: () => ({ nodeForAll: { timeout: { ...next(1), methods: READS_OF_VENUES } } }),
  poolDrained: (draws) => ({
    drain: { percent: between(draws, 30, 60), restoreAfterSlots: between(draws, 10, 30) },
  }),
} satisfies Record<string, (draws: SeededDraws) => ScenarioEffects>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

export function effectsOf(name: ScenarioName, seed: string): ScenarioEffects {
  return SCENARIOS[name](seededDraws(seed, 'scenario', name));
}
