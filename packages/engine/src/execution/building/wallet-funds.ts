import { type Moment, NEVER } from '../../domain/moment.ts';
import type { Order } from '../../domain/order.ts';
import type { WalletHoldings } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import { type Spender, WalletNeeds } from './wallet-needs.ts';

/** A read that takes longer is followed by another. */
const HANGING_MS = 1_000;
/** What this process spends is known at any age, but other processes and transfers spend from the same wallet. */
const MOST_AGE_MS = 2_500;
/** The holdings are read as confirmed, which is some slots behind the newest slot. */
const MAX_SLOTS_UNCONFIRMED = 4n;

/** A reading of the wallet, and what this process's orders can spend beyond what it shows. */
interface Reading {
  readonly holdings: WalletHoldings;
  readonly readAt: Moment;
  readonly needs: WalletNeeds;
}

/** What the wallet holds beside what this process's orders can still spend. */
export class WalletFunds {
  readonly #ports: WithMarket;
  readonly #spenders: () => readonly Spender[];
  #reading: Reading | null = null;
  /** Of a read that is under way. */
  #next: Pick<Reading, 'readAt' | 'needs'> | null = null;

  /** @param spenders Orders that are being built or have an open attempt. */
  constructor(ports: WithMarket, spenders: () => readonly Spender[]) {
    this.#ports = ports;
    this.#spenders = spenders;
  }

  /** @throws {ChainUnavailable} Nothing was read. */
  async read(): Promise<void> {
    const { chain, clock, market, signer } = this.#ports;
    if (this.#next && msSince(clock, this.#next.readAt) < HANGING_MS) return;
    const newest = market.time.slots.newest;
    const next = { readAt: clock.moment(), needs: new WalletNeeds(this.#spenders()) };
    this.#next = next;
    try {
      const holdings = await chain.anyNode.holdings(signer.address);
      if (this.#next === next && holdings.slot + MAX_SLOTS_UNCONFIRMED >= newest)
        this.#reading = { ...next, holdings };
    } finally {
      if (this.#next === next) this.#next = null;
    }
  }

  /** From now on this order may spend. */
  note(spender: Spender): void {
    this.#reading?.needs.add(spender);
    this.#next?.needs.add(spender);
  }

  /** The wallet as it was read last, unless that is too long ago. */
  get holdings(): WalletHoldings | null {
    const { readAt = NEVER, holdings = null } = this.#reading ?? {};
    return msSince(this.#ports.clock, readAt) <= MOST_AGE_MS ? holdings : null;
  }

  /** Whether the wallet is known to pay for this order, which is noted, beside all others. */
  suffice(order: Order): boolean {
    const { holdings } = this;
    return holdings !== null && this.#reading?.needs.areMetBy(holdings, order.request.tokenIn) === true;
  }
}
