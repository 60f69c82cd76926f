import { Drop } from './drop.ts';
import { Expire } from './expire.ts';
import { NO_SELECTION, type Selection } from './selector.ts';

/** Faults by the name that the admin API gives them. */
export interface FaultOrders {
  readonly drop?: Selection;
  readonly expire?: Selection;
}

/**
 * Failures on demand. Each fault is one file and is asked at the point where it acts;
 * a new one needs its class, a field here and its name in `FaultOrders`.
 */
export class Faults {
  private readonly drop = new Drop();
  private readonly expire = new Expire();

  arm(orders: FaultOrders): void {
    if (orders.drop) this.drop.arm(orders.drop);
    if (orders.expire) this.expire.arm(orders.expire);
  }

  /** Ends all faults. What was lost stays lost; what is sent from now on arrives. */
  clear(): void {
    this.arm({ drop: NO_SELECTION, expire: NO_SELECTION });
  }

  /** Asked for every send that the node has acknowledged: true where the transaction goes no further. */
  losesSend(signature: string): boolean {
    return this.expire.loses(signature) || this.drop.loses();
  }

  report() {
    return { drop: this.drop.report(), expire: this.expire.report() };
  }
}
