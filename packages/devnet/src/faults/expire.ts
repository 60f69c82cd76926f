import { NO_SELECTION, type Selection, Selector } from './selector.ts';

const MAX_REMEMBERED = 100_000;

/**
 * Loses whole transactions: every send of a chosen signature is acknowledged and forgotten, so it never lands
 * and its blockhash runs out. A signature is judged once, when it is sent for the first time while the fault is armed.
 */
export class Expire {
  private readonly selector = new Selector();
  private readonly verdicts = new Map<string, boolean>();
  private lost = 0;

  arm(selection: Selection): void {
    this.selector.arm(selection);
    if (selection === NO_SELECTION) this.verdicts.clear();
  }

  loses(signature: string): boolean {
    const known = this.verdicts.get(signature);
    if (known !== undefined) return known;
    const { next, rate } = this.selector.armed;
    if (next === 0 && rate === 0) return false;
    const isHit = this.selector.hits();
    if (isHit) this.lost += 1;
    if (this.verdicts.size >= MAX_REMEMBERED) this.verdicts.delete(this.verdicts.keys().next().value!);
    this.verdicts.set(signature, isHit);
    return isHit;
  }

  report(): Selection & { lost: number } {
    return { ...this.selector.armed, lost: this.lost };
  }
}
