import { CallFault, type CallSelection } from './call-fault.ts';

/** The selected answers are given as if the node were this many blocks behind. */
export interface LagSelection extends CallSelection {
  readonly blocks: number;
}

/**
 * A node that falls behind: it stands still from the moment the fault is armed until it is `blocks` behind, then
 * follows.
 */
export class Lag {
  private readonly calls = new CallFault();
  private blocks = 0;
  private fromHeight = 0;

  /** @param tipHeight Height of the newest block. */
  arm(selection: LagSelection, tipHeight: number): void {
    this.calls.arm(selection);
    this.blocks = selection.blocks;
    this.fromHeight = tipHeight;
  }

  clear(): void {
    this.calls.clear();
    this.blocks = 0;
  }

  /** How many blocks of former states must be kept. */
  get mostBlocks(): number {
    return this.blocks;
  }

  /** Number of blocks by which this answer is behind. */
  blocksBehind(method: string, tipHeight: number): number {
    if (this.blocks === 0 || !this.calls.hits(method)) return 0;
    return Math.min(this.blocks, Math.max(0, tipHeight - this.fromHeight));
  }

  report() {
    return { ...this.calls.report(), blocks: this.blocks };
  }
}
