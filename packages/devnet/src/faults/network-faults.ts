import { CallFault } from './call-fault.ts';
import type { Selection } from './selector.ts';
import { SignatureFault } from './signature-fault.ts';

/** A selection of sends, and how many slots later they arrive. */
export interface LateSelection extends Selection {
  readonly slots: number;
}

/** Faults between a node and the leader, by the name that the admin API gives them. */
export interface NetworkOrders {
  readonly drop?: Selection;
  readonly expire?: Selection;
  readonly delay?: LateSelection;
  readonly duplicate?: LateSelection;
}

/** Decides the fate of bytes that a node has acknowledged. */
export class NetworkFaults {
  /** Loses single sends; the same bytes sent again are a new send. */
  private readonly drop = new CallFault();
  /** Loses every send of a signature. */
  private readonly expire = new SignatureFault();
  private readonly delay = new CallFault();
  private readonly duplicate = new CallFault();
  private delaySlots = 0;
  private duplicateSlots = 0;

  arm({ drop, expire, delay, duplicate }: NetworkOrders): void {
    if (drop) this.drop.arm(drop);
    if (expire) this.expire.arm(expire);
    if (delay) this.delay.arm(delay);
    if (duplicate) this.duplicate.arm(duplicate);
    this.delaySlots = delay?.slots ?? this.delaySlots;
    this.duplicateSlots = duplicate?.slots ?? this.duplicateSlots;
  }

  clear(): void {
    for (const fault of [this.drop, this.expire, this.delay, this.duplicate]) fault.clear();
  }

  /** Called once per send: after how many slots the bytes arrive, one entry for each arrival. Empty: never. */
  arrivals(signature: string): number[] {
    if (this.expire.hits(signature) || this.drop.hits('sendTransaction')) return [];
    const first = this.delay.hits('sendTransaction') ? this.delaySlots : 0;
    return this.duplicate.hits('sendTransaction') ? [first, first + this.duplicateSlots] : [first];
  }

  report() {
    return {
      drop: this.drop.report(),
      expire: this.expire.report(),
      delay: { ...this.delay.report(), slots: this.delaySlots },
      duplicate: { ...this.duplicate.report(), slots: this.duplicateSlots },
    };
  }
}
