import type { Ledger } from '../ledger/ledger.ts';
import type { Market } from '../market/market.ts';
import type { Chain } from './chain.ts';
import type { Mempool } from './mempool.ts';
import { parseTransaction } from './wire-transaction.ts';

/** Lets slots pass, one after another: the market's transactions first, then those that were sent. */
export class BlockProducer {
  private readonly chain: Chain;
  private readonly ledger: Ledger;
  private readonly mempool: Mempool;
  private readonly market: Market | null;
  private readonly onBroken: (error: Error) => void;
  private turn: Promise<void> = Promise.resolve();

  /** @param parts.onBroken Told when the journal cannot be written: the chain cannot go on. */
  constructor(parts: {
    chain: Chain;
    ledger: Ledger;
    mempool: Mempool;
    market: Market | null;
    onBroken: (error: Error) => void;
  }) {
    this.chain = parts.chain;
    this.ledger = parts.ledger;
    this.mempool = parts.mempool;
    this.market = parts.market;
    this.onBroken = parts.onBroken;
  }

  /** Lets one slot pass. Calls wait for each other. */
  produceSlot(): Promise<void> {
    const turn = this.turn.then(() => this.produceNext());
    this.turn = turn.catch((error: Error) => {
      // The caller hears of it too. Whatever the market did wrong, the next slot is tried all the same.
      if (this.chain.isBroken) this.onBroken(error);
    });
    return turn;
  }

  /** Afterwards no slot is under way. */
  idle(): Promise<void> {
    return this.turn;
  }

  private async produceNext(): Promise<void> {
    const { chain } = this;
    if (chain.isNextSlotSkipped()) {
      chain.advance([]);
      return;
    }
    const fromMarket = await this.market?.transactionsForSlot({
      slot: BigInt(chain.slot + 1),
      blockhash: chain.history.tip.blockhash,
      account: (address) => chain.vm.account(address)?.data ?? null,
    });
    chain.advance([...(fromMarket ?? []).map(parseTransaction), ...this.mempool.take()]);
    if (this.ledger.isSnapshotDue(chain)) this.ledger.snapshot(chain);
  }
}
