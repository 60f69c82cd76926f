import { createHash } from 'node:crypto';

/** Selects the calls that a fault hits: the next `next`, and a seeded share of the others. */
export interface Selection {
  readonly next: number;
  /** 0 to 1. */
  readonly rate: number;
  readonly seed: string;
}

export const NO_SELECTION: Selection = { next: 0, rate: 0, seed: '' };

/** Decides call by call. The same seed and calls give the same decisions. */
export class Selector {
  private selection: Selection = NO_SELECTION;
  private calls = 0;

  arm(selection: Selection): void {
    this.selection = selection;
    this.calls = 0;
  }

  get armed(): Selection {
    return this.selection;
  }

  hits(): boolean {
    const { next, rate, seed } = this.selection;
    if (next > 0) {
      this.selection = { next: next - 1, rate, seed };
      return true;
    }
    if (rate === 0) return false;
    this.calls += 1;
    const digest = createHash('sha256').update(`${seed} ${this.calls}`).digest();
    return digest.readUInt32LE(0) / 2 ** 32 < rate;
  }
}
