import { type Selection, Selector } from './selector.ts';

/** Loses single sends: each is acknowledged and forgotten. The same bytes sent again are a new send. */
export class Drop {
  private readonly selector = new Selector();
  private lost = 0;

  arm(selection: Selection): void {
    this.selector.arm(selection);
  }

  loses(): boolean {
    const isHit = this.selector.hits();
    if (isHit) this.lost += 1;
    return isHit;
  }

  report(): Selection & { lost: number } {
    return { ...this.selector.armed, lost: this.lost };
  }
}
