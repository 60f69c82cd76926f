import type { Chain } from './chain/chain.ts';
import type { Mempool } from './chain/mempool.ts';
import { parseTransaction, type WireTransaction } from './chain/wire-transaction.ts';
import type { Delivery } from './faults/delivery.ts';
import type { Drains } from './faults/drains.ts';
import type { Faults } from './faults/faults.ts';
import type { Forks } from './faults/forks.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Market } from './market/market.ts';

/** Produces slots one after another: the market's transactions come first, then those that clients sent. */
export class BlockProducer {
  private readonly chain: Chain;
  private readonly ledger: Ledger;
  private readonly mempool: Mempool;
  private readonly market: Market | null;
  private readonly faults: Faults;
  private readonly delivery: Delivery;
  private readonly forks: Forks;
  private readonly drains: Drains;
  private readonly onBroken: (error: Error) => void;
  private turn: Promise<void> = Promise.resolve();

  /** @param parts.onBroken Called when the journal cannot be written: the chain cannot continue. */
  constructor(parts: {
    chain: Chain;
    ledger: Ledger;
    mempool: Mempool;
    market: Market | null;
    faults: Faults;
    delivery: Delivery;
    forks: Forks;
    drains: Drains;
    onBroken: (error: Error) => void;
  }) {
    this.chain = parts.chain;
    this.ledger = parts.ledger;
    this.mempool = parts.mempool;
    this.market = parts.market;
    this.faults = parts.faults;
    this.delivery = parts.delivery;
    this.forks = parts.forks;
    this.drains = parts.drains;
    this.onBroken = parts.onBroken;
  }

  /** Produces one slot. Calls wait for each other. */
  produceSlot(): Promise<void> {
    return this.betweenSlots(() => this.produceNext());
  }

  /** Runs a step while no slot is in progress. */
  betweenSlots<T>(step: () => T | Promise<T>): Promise<T> {
    const turn = this.turn.then(step);
    this.turn = turn.then(
      () => {},
      (error: Error) => {
        // The caller gets the error too. After an error of the market the next slot is tried all the same.
        if (this.chain.isBroken) this.onBroken(error);
      },
    );
    return turn;
  }

  /** Resolves when no slot is in progress. */
  idle(): Promise<void> {
    return this.turn;
  }

  private async produceNext(): Promise<void> {
    const { chain } = this;
    this.delivery.arriveDue();
    this.forks.abandonDue();
    if (chain.isNextSlotSkipped()) {
      chain.advance([]);
      return;
    }
    const fromMarket = await this.market?.transactionsForSlot({
      slot: BigInt(chain.slot + 1),
      blockhash: chain.history.tip.blockhash,
      account: (address) => chain.accounts.read(address)?.data ?? null,
    });
    const sent = await this.drains.drainBefore(this.takeWaiting());
    chain.advance([...(fromMarket ?? []).map(parseTransaction), ...sent]);
    if (this.ledger.isSnapshotDue(chain)) this.ledger.snapshot(chain);
  }

  private takeWaiting(): WireTransaction[] {
    const { chain } = this;
    return this.mempool.take({
      priceMicroLamports: this.faults.congestion.priceAt(chain.slot + 1),
      isDead: ({ message }) => {
        const lastValid = chain.history.lastValidBlockHeight(message.blockhash);
        return lastValid === null || lastValid <= chain.history.tip.height;
      },
    });
  }
}
