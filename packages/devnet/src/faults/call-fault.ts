import { NO_SELECTION, type Selection, Selector } from './selector.ts';

/** Hits single calls, of some methods or of all. */
export interface CallSelection extends Selection {
  /** JSON-RPC methods, or paths such as `/swap/v2/build`; null for every JSON-RPC method. */
  readonly methods: readonly string[] | null;
}

/** A fault that is decided call by call. */
export class CallFault {
  private readonly selector = new Selector();
  private methods: readonly string[] | null = null;
  private count = 0;

  arm(selection: Selection | CallSelection): void {
    this.selector.arm(selection);
    this.methods = 'methods' in selection ? selection.methods : null;
  }

  clear(): void {
    this.arm(NO_SELECTION);
  }

  /** Asked once per call. */
  hits(method: string): boolean {
    const isMeant = this.methods === null ? !method.startsWith('/') : this.methods.includes(method);
    const isHit = isMeant && this.selector.hits();
    if (isHit) this.count += 1;
    return isHit;
  }

  report() {
    const { armed } = this.selector;
    return { ...armed, ...(this.methods === null ? {} : { methods: this.methods }), hits: this.count };
  }
}
