import { NO_SELECTION, type Selection, Selector } from './selector.ts';

const MAX_REMEMBERED = 100_000;

/** A fault that is decided once for each signature, when it is first seen while the fault is armed. */
export class SignatureFault {
  private readonly selector = new Selector();
  private readonly verdicts = new Map<string, boolean>();
  private count = 0;

  arm(selection: Selection): void {
    this.selector.arm(selection);
  }

  clear(): void {
    this.arm(NO_SELECTION);
    this.verdicts.clear();
  }

  hits(signature: string): boolean {
    const known = this.verdicts.get(signature);
    if (known !== undefined) return known;
    const { next, rate } = this.selector.armed;
    if (next === 0 && rate === 0) return false;
    const isHit = this.selector.hits();
    if (isHit) this.count += 1;
    if (this.verdicts.size >= MAX_REMEMBERED) this.verdicts.delete(this.verdicts.keys().next().value!);
    this.verdicts.set(signature, isHit);
    return isHit;
  }

  report() {
    return { ...this.selector.armed, hits: this.count };
  }
}
