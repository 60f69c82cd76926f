import type { Block, Commitment } from './block.ts';
import type { Chain } from './chain.ts';
import type { HistoryEntry } from './history-entry.ts';
import type { AccountState } from './vm.ts';

/** Landed transactions, as the ledger keeps them. */
interface Landed {
  find(signature: string): HistoryEntry | undefined;
  ofAddress(address: string): readonly HistoryEntry[];
  ofSlot(slot: number): readonly HistoryEntry[];
}

/**
 * The chain as one node shows it: some blocks behind, without some transactions, or with too high numbers, if a fault
 * says so.
 */
export class ChainView {
  readonly chain: Chain;
  private readonly landed: Landed;
  private readonly lag: number;
  private readonly forgets: (signature: string) => boolean;
  private readonly ahead: { readonly slots: number; readonly blocks: number };

  /**
   * @param node.lag Blocks that the node is behind; absent: none.
   * @param node.ahead Slots and blocks that the node adds to the chain's; absent: none.
   */
  constructor(
    chain: Chain,
    landed: Landed,
    node: {
      lag?: number;
      forgets?: (signature: string) => boolean;
      ahead?: { readonly slots: number; readonly blocks: number };
    } = {},
  ) {
    this.chain = chain;
    this.landed = landed;
    this.lag = node.lag ?? 0;
    this.forgets = node.forgets ?? (() => false);
    this.ahead = node.ahead ?? { slots: 0, blocks: 0 };
  }

  /** The newest block of a commitment. */
  at(commitment: Commitment): Block {
    return this.chain.history.at(commitment, this.lag);
  }

  /** The newest block of a commitment with the numbers that the node reports. */
  told(commitment: Commitment): Pick<Block, 'slot' | 'height' | 'blockhash'> {
    const { slot, height, blockhash } = this.at(commitment);
    return { slot: slot + this.ahead.slots, height: height + this.ahead.blocks, blockhash };
  }

  account(address: string, commitment: Commitment): AccountState | null {
    return this.chain.account(address, commitment, this.lag);
  }

  programAccounts(program: string, commitment: Commitment): [address: string, state: AccountState][] {
    return this.chain.programAccounts(program, commitment, this.lag);
  }

  /** Lamports of every account at a commitment. */
  balances(commitment: Commitment): Map<string, bigint> {
    const found = this.chain.vm.balances();
    for (const address of this.chain.history.changedSince(commitment, this.lag)) {
      const lamports = this.account(address, commitment)?.lamports;
      if (lamports === undefined) found.delete(address);
      else found.set(address, lamports);
    }
    return found;
  }

  isBlockhashValid(blockhash: string, commitment: Commitment): boolean {
    return this.chain.history.isBlockhashValid(blockhash, commitment, this.lag);
  }

  /** A landed transaction that the node has seen at the commitment. */
  find(signature: string, commitment: Commitment = 'processed'): HistoryEntry | undefined {
    const entry = this.landed.find(signature);
    return entry !== undefined && this.shows(entry, commitment) ? entry : undefined;
  }

  /** Transactions that name an account and that the node has seen at the commitment, newest first. */
  ofAddress(address: string, commitment: Commitment): HistoryEntry[] {
    return this.landed
      .ofAddress(address)
      .toReversed()
      .filter((entry) => this.shows(entry, commitment));
  }

  /** Transactions of one block that the node knows, in the order of execution. */
  ofSlot(slot: number): HistoryEntry[] {
    return this.landed.ofSlot(slot).filter(({ signature }) => !this.forgets(signature));
  }

  /** The commitment that a slot has reached. */
  commitmentOf(slot: number): Commitment {
    if (slot <= this.at('finalized').slot) return 'finalized';
    return slot <= this.at('confirmed').slot ? 'confirmed' : 'processed';
  }

  private shows({ signature, slot }: HistoryEntry, commitment: Commitment): boolean {
    return slot <= this.at(commitment).slot && !this.forgets(signature);
  }
}
