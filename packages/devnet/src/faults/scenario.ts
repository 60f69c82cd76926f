import { MEMO_PROGRAM } from '@oee/solana';
import type { WireTransaction } from '../chain/wire-transaction.ts';
import { NetworkFaults } from './network-faults.ts';
import { NodeFaults } from './node-faults.ts';
import { type DrainOrder, effectsOf, type ScenarioEffects, type ScenarioName } from './scenarios.ts';

/** A scenario for the transactions with a memo of `reference`, or of `reference/` and anything behind it. */
export interface ScenarioOrder {
  readonly reference: string;
  readonly scenario: ScenarioName;
  readonly seed: string;
}

/** One armed scenario with separate faults, so that other transactions are not affected. */
export class Scenario {
  readonly order: ScenarioOrder;
  readonly effects: ScenarioEffects;
  readonly network = new NetworkFaults();
  /** Of the first node. */
  readonly node = new NodeFaults();
  readonly nodeForAll = new NodeFaults();
  private isDrained = false;

  constructor(order: ScenarioOrder, tipHeight: number) {
    this.order = order;
    this.effects = effectsOf(order.scenario, order.seed);
    this.network.arm(this.effects.network ?? {});
    this.node.arm(this.effects.node ?? {}, tipHeight);
    this.nodeForAll.arm(this.effects.nodeForAll ?? {}, tipHeight);
  }

  /** How to drain the pools of a transaction; once, then null. */
  takeDrain(): DrainOrder | null {
    if (this.isDrained) return null;
    this.isDrained = true;
    return this.effects.drain ?? null;
  }
}

/** The reference in a transaction's memo; null without a memo. */
export function referenceOf({ message }: WireTransaction): string | null {
  const { staticKeys, instructions } = message;
  const memo = instructions.find(({ programIndex }) => staticKeys[programIndex] === MEMO_PROGRAM);
  return memo === undefined ? null : Buffer.from(memo.data).toString('utf8').split('/')[0]!;
}
