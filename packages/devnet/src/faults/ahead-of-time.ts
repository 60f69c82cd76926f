import { CallFault, type CallSelection } from './call-fault.ts';

/** How much a node adds to the chain's slots and heights. */
export interface Ahead {
  readonly slots: number;
  readonly blocks: number;
}

/** The selected answers or notifications name slots and heights that the chain has not reached. */
export interface AheadSelection extends CallSelection, Ahead {}

export const NOT_AHEAD: Ahead = { slots: 0, blocks: 0 };

/** A node that reports too high slots and heights. Its accounts and transactions stay correct. */
export class AheadOfTime {
  private readonly calls = new CallFault();
  private ahead = NOT_AHEAD;

  arm({ slots, blocks, ...selection }: AheadSelection): void {
    this.calls.arm(selection);
    this.ahead = { slots, blocks };
  }

  clear(): void {
    this.calls.clear();
  }

  /** Asked once per call or notification. */
  of(method: string): Ahead {
    return this.calls.hits(method) ? this.ahead : NOT_AHEAD;
  }

  report() {
    return { ...this.calls.report(), ...this.ahead };
  }
}
