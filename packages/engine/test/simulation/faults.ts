import type { Chance } from './chance.ts';

/**
 * What goes wrong in one seed. Probabilities are per call or per message, `…EveryMs` are mean distances (0: never).
 * Each seed turns on some of the faults and leaves out the others: a seed with everything at once would hide what a
 * seed with one outage and nothing else shows.
 */
export interface Faults {
  /** A process dies between any two of its steps and starts again later. */
  readonly crashEveryMs: number;
  /** A process stands still, longer than its lease lasts, and then goes on as if nothing had happened. */
  readonly pauseEveryMs: number;
  readonly pauseMs: number;
  /** All processes stand still, for longer than nodes remember statuses, from the moment a transaction lands. */
  readonly blackout: boolean;
  /** A process is stopped in an orderly way and started again. */
  readonly restartEveryMs: number;
  readonly clockSkewMs: number;
  /** The time of day of a process's machine is set, by up to an hour forth or back. */
  readonly clockSetEveryMs: number;
  /** The time of day of the store's machine is up to an hour ahead for a while, and then right again. */
  readonly storeAheadEveryMs: number;
  /** A request to the store gets lost before it does anything. */
  readonly storeRequestLost: number;
  /** The commit happened, its acknowledgement is lost. */
  readonly storeAnswerLost: number;
  readonly storeOutageEveryMs: number;
  readonly nodeError: number;
  readonly nodeOutageEveryMs: number;
  /** All nodes at once, and with them the accounts that venues read. */
  readonly chainOutageEveryMs: number;
  /** A process stands still over the deadline of its round of quotes, and hears the answers only after it. */
  readonly engineLate: number;
  /** Backends of one node are up to this many slots behind, each call another one. */
  readonly nodeLagSlots: number;
  /** One node denies transactions that it should know. */
  readonly liar: boolean;
  /** One node of several shows transactions with a fee that they did not pay. */
  readonly misreader: boolean;
  /** A node's address, or that of all, leads to another chain with a history of its own for a while. */
  readonly nodeElsewhereEveryMs: number;
  /** A node shows another transaction than it was asked for. */
  readonly nodeMixesUp: number;
  /** Nodes forget old blocks at some moment. */
  readonly purges: boolean;
  /** As a transaction lands, all nodes lose it with all that landed since before a final order, and say that they lost nothing. */
  readonly chainForgets: boolean;
  /** A process is started with another wallet or secret than those that the database is bound to. */
  readonly processDiffers: number;
  /** One node counts slots and heights far ahead of time for a while; some slots are announced so. */
  readonly aheadEveryMs: number;
  readonly aheadSlots: number;
  readonly sendDropped: number;
  /** Sent bytes reach the network only later, sometimes much later. */
  readonly sendHeld: number;
  /** The bytes arrived, the answer is an error; or the answer is fine and the bytes are gone. */
  readonly sendMisreported: number;
  /** Bytes that were seen on the network are delivered again. */
  readonly replayEveryMs: number;
  readonly forkEveryMs: number;
  readonly slotSkipped: number;
  readonly priceMoveEveryMs: number;
  readonly priceMoveBps: number;
  readonly venueTrouble: number;
  readonly hintLost: number;
  readonly wakeLost: number;
  readonly wakeDoubled: number;
  readonly wakeLateMs: number;
  readonly queueWipeEveryMs: number;
  readonly busLost: number;
  readonly busDoubled: number;
  readonly busLateMs: number;
  readonly streamCutEveryMs: number;
  /** How long an outage of the store or a node lasts at most. */
  readonly outageMs: number;
}

/** Those that say how large another one is are none of their own. */
export type FaultName = Exclude<keyof Faults, 'pauseMs' | 'aheadSlots' | 'priceMoveBps' | 'outageMs'>;

const SIZES: readonly string[] = ['pauseMs', 'aheadSlots', 'priceMoveBps', 'outageMs'];

export const isFaultName = (name: string): name is FaultName => name in NO_FAULTS && !SIZES.includes(name);

export const NO_FAULTS: Faults = {
  crashEveryMs: 0,
  pauseEveryMs: 0,
  pauseMs: 0,
  blackout: false,
  restartEveryMs: 0,
  clockSkewMs: 0,
  clockSetEveryMs: 0,
  storeAheadEveryMs: 0,
  storeRequestLost: 0,
  storeAnswerLost: 0,
  storeOutageEveryMs: 0,
  nodeError: 0,
  nodeOutageEveryMs: 0,
  chainOutageEveryMs: 0,
  engineLate: 0,
  nodeLagSlots: 0,
  liar: false,
  misreader: false,
  nodeElsewhereEveryMs: 0,
  nodeMixesUp: 0,
  purges: false,
  chainForgets: false,
  processDiffers: 0,
  aheadEveryMs: 0,
  aheadSlots: 0,
  sendDropped: 0,
  sendHeld: 0,
  sendMisreported: 0,
  replayEveryMs: 0,
  forkEveryMs: 0,
  slotSkipped: 0,
  priceMoveEveryMs: 0,
  priceMoveBps: 0,
  venueTrouble: 0,
  hintLost: 0,
  wakeLost: 0,
  wakeDoubled: 0,
  wakeLateMs: 0,
  queueWipeEveryMs: 0,
  busLost: 0,
  busDoubled: 0,
  busLateMs: 0,
  streamCutEveryMs: 0,
  outageMs: 0,
};

/** @param isLong Pauses and outages outlast the nodes' recent status cache. */
export function drawFaults(chance: Chance, isLong: boolean): Faults {
  const sometimes = (probability: number, draw: () => number): number =>
    chance.happens(probability) ? draw() : 0;
  const rate = (most: number) => () => most * chance.fraction();
  const every = (least: number, most: number) => () => chance.between(least, most);
  return {
    crashEveryMs: sometimes(0.5, every(1_500, 12_000)),
    pauseEveryMs: sometimes(0.4, every(4_000, 15_000)),
    pauseMs: isLong ? 120_000 : 15_000,
    blackout: isLong && chance.happens(0.7),
    restartEveryMs: sometimes(0.2, every(5_000, 20_000)),
    clockSkewMs: sometimes(0.4, every(100, 120_000)),
    clockSetEveryMs: sometimes(0.25, every(1_000, 8_000)),
    storeAheadEveryMs: sometimes(0.15, every(2_000, 10_000)),
    storeRequestLost: sometimes(0.3, rate(0.2)),
    storeAnswerLost: sometimes(0.4, rate(0.3)),
    storeOutageEveryMs: sometimes(0.2, every(4_000, 15_000)),
    nodeError: sometimes(0.4, rate(0.5)),
    nodeOutageEveryMs: sometimes(0.3, every(3_000, 15_000)),
    chainOutageEveryMs: sometimes(0.35, every(2_000, 9_000)),
    engineLate: sometimes(0.25, rate(0.6)),
    nodeLagSlots: sometimes(0.5, () => chance.pick([2, 4, 10, 40])),
    liar: chance.happens(0.25),
    nodeElsewhereEveryMs: sometimes(0.2, every(3_000, 15_000)),
    nodeMixesUp: sometimes(0.2, rate(0.7)),
    purges: chance.happens(0.15),
    chainForgets: chance.happens(0.25),
    processDiffers: sometimes(0.15, rate(0.8)),
    aheadEveryMs: sometimes(0.3, every(1_000, 6_000)),
    aheadSlots: chance.pick([50, 1_000, 9_000_000_000_000]),
    sendDropped: sometimes(0.6, rate(1)),
    sendHeld: sometimes(0.5, rate(0.7)),
    sendMisreported: sometimes(0.4, rate(0.7)),
    replayEveryMs: sometimes(0.5, every(300, 4_000)),
    forkEveryMs: sometimes(0.4, every(1_500, 10_000)),
    slotSkipped: sometimes(0.4, rate(0.4)),
    priceMoveEveryMs: sometimes(0.6, every(200, 3_000)),
    priceMoveBps: chance.pick([20, 100, 400]),
    venueTrouble: sometimes(0.3, rate(0.6)),
    hintLost: sometimes(0.3, rate(1)),
    wakeLost: sometimes(0.4, rate(1)),
    wakeDoubled: sometimes(0.4, rate(1)),
    wakeLateMs: sometimes(0.3, every(10, 3_000)),
    queueWipeEveryMs: sometimes(0.2, every(2_000, 8_000)),
    busLost: sometimes(0.4, rate(0.8)),
    busDoubled: sometimes(0.3, rate(0.8)),
    busLateMs: sometimes(0.4, every(10, 1_500)),
    streamCutEveryMs: sometimes(0.3, every(1_000, 6_000)),
    outageMs: isLong ? 100_000 : 12_000,
    // After a minute without a second node its word would be final.
    misreader: !isLong && chance.happens(0.25),
  };
}

/** These faults but for some, which are left out of every world. */
export function withoutFaults(faults: Faults, left: readonly FaultName[]): Faults {
  return { ...faults, ...Object.fromEntries(left.map((name) => [name, NO_FAULTS[name]])) };
}
