/** Blocks have no room for transactions below a price that rises with each slot. */
export interface CongestionOrder {
  /** Least price of a compute unit in the first slot, micro-lamports. */
  readonly priceMicroLamports: bigint;
  /** By how much it rises with each slot. */
  readonly risePercent: number;
  /** How many slots it lasts. */
  readonly slots: number;
}

const MOST_MICRO_LAMPORTS = 10n ** 12n;

/** Since when the network is congested, and how much. */
export class Congestion {
  private order: CongestionOrder | null = null;
  private firstSlot = 0;

  /** @param slot The slot before the first congested one. */
  arm(order: CongestionOrder, slot: number): void {
    this.order = order;
    this.firstSlot = slot + 1;
  }

  clear(): void {
    this.order = null;
  }

  /** The least price that gets into the block of a slot, micro-lamports per compute unit. */
  priceAt(slot: number): bigint {
    if (this.order === null) return 0n;
    const { priceMicroLamports, risePercent, slots } = this.order;
    const passed = slot - this.firstSlot;
    if (passed < 0 || passed >= slots) return 0n;
    let price = priceMicroLamports;
    for (let step = 0; step < passed && price < MOST_MICRO_LAMPORTS; step += 1) {
      price = (price * BigInt(100 + risePercent) + 99n) / 100n;
    }
    return price < MOST_MICRO_LAMPORTS ? price : MOST_MICRO_LAMPORTS;
  }

  report(slot: number) {
    const { priceMicroLamports = 0n, risePercent = 0, slots = 0 } = this.order ?? {};
    return {
      priceMicroLamports: String(priceMicroLamports),
      risePercent,
      slotsLeft: Math.max(0, this.firstSlot + slots - slot - 1),
      nowMicroLamports: String(this.priceAt(slot + 1)),
    };
  }
}
