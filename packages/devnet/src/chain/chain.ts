import { ADDRESS_LOOKUP_TABLE_PROGRAM, SLOT_HASHES_SYSVAR } from '@oee/solana';
import { Accounts } from './accounts.ts';
import type { Block, Commitment } from './block.ts';
import { blockTimeSeconds } from './block.ts';
import { BlockExecutor, type PreImages } from './block-executor.ts';
import { BlockHistory } from './block-history.ts';
import type { ChainJournal } from './chain-journal.ts';
import { ExecutedMessages } from './executed-messages.ts';
import type { ExecutedTransaction } from './executed-transaction.ts';
import { computeBlockhash, isSlotSkipped, SLOTS_PER_EPOCH } from './slot-schedule.ts';
import { type AccountState, NO_ACCOUNT, type Vm } from './vm.ts';
import { parseTransaction, type WireTransaction } from './wire-transaction.ts';

/** Blocks that Solana's SlotHashes names. */
const SLOT_HASHES = 512;
/** Programs that read SlotHashes. Copying the hashes into the machine is slow, so only their transactions get them. */
const SLOT_HASHES_READERS: ReadonlySet<string> = new Set([ADDRESS_LOOKUP_TABLE_PROGRAM, SLOT_HASHES_SYSVAR]);

/** The state of a chain besides its accounts, which the virtual machine holds. */
export interface ChainState {
  readonly slot: number;
  readonly slotMs: number;
  readonly blocks: readonly Block[];
  /** Final height at the latest fork: no later fork reaches below it. */
  readonly finalHeight: number;
  /** Hashes of executed messages, by their blockhash: no message runs twice. */
  readonly executedMessages: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The event for listeners once a block is in the journal. */
export interface BlockEvent {
  readonly block: Block;
  readonly confirmed: Block;
  readonly finalized: Block;
}

/**
 * The chain: slots, blocks, blockhashes and commitments over one virtual machine. At the end of its slot a block is
 * executed, then written to the journal, and only then visible to clients. `advance` does all three in one synchronous
 * call.
 */
export class Chain {
  readonly genesisHash: string;
  readonly vm: Vm;
  readonly accounts: Accounts;
  readonly history: BlockHistory;
  readonly executor: BlockExecutor;
  private readonly journal: ChainJournal;
  private readonly listeners = new Set<(event: BlockEvent) => void>();
  private readonly accountListeners = new Set<(addresses: readonly string[]) => void>();
  private readonly executed: ExecutedMessages;
  /** Whether an executed block is missing in the journal. Then the chain may neither notify nor write any more. */
  isBroken = false;
  private currentSlot: number;
  private currentSlotMs: number;

  constructor(parts: {
    genesisHash: string;
    vm: Vm;
    journal: ChainJournal;
    state: ChainState;
    finalizedDepth: number;
  }) {
    this.genesisHash = parts.genesisHash;
    this.vm = parts.vm;
    this.journal = parts.journal;
    this.history = new BlockHistory(parts.state, parts.finalizedDepth);
    this.accounts = new Accounts(parts.vm);
    this.executor = new BlockExecutor(parts.vm, this.accounts);
    this.currentSlot = parts.state.slot;
    this.currentSlotMs = parts.state.slotMs;
    this.executed = new ExecutedMessages(parts.state.executedMessages);
    this.setClock(this.history.tip);
  }

  /** The newest slot that has passed, with or without a block. */
  get slot(): number {
    return this.currentSlot;
  }

  get slotMs(): number {
    return this.currentSlotMs;
  }

  /** Calls the listener after each block is in the journal. Returns the unsubscribe function. */
  onBlock(listener: (event: BlockEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls the listener after accounts were set from outside. Returns the unsubscribe function. */
  onAccountsSet(listener: (addresses: readonly string[]) => void): () => void {
    this.accountListeners.add(listener);
    return () => this.accountListeners.delete(listener);
  }

  /**
   * Produces one slot, with these transactions in its block. A skipped slot executes no transaction.
   *
   * @throws The journal cannot be written. Then memory is ahead of the disk, and `isBroken` is true for ever.
   */
  advance(transactions: readonly WireTransaction[]): Block | null {
    this.requireWhole();
    this.isBroken = true;
    const block = this.applySlot(this.currentSlot + 1, transactions);
    if (block !== null && block.transactions.length > 0) this.journal.writeBlock(block);
    this.journal.writeHead(this.currentSlot);
    this.isBroken = false;
    if (block !== null) this.tell(block);
    return block;
  }

  /** Whether the next slot has no block. */
  isNextSlotSkipped(): boolean {
    return isSlotSkipped(this.genesisHash, this.currentSlot + 1);
  }

  /** Writes accounts without any rule of the chain. They are visible at every commitment at once. */
  setAccounts(accounts: ReadonlyMap<string, AccountState>): void {
    this.requireWhole();
    this.journal.writeAccounts(this.currentSlot, accounts);
    this.applyAccounts(accounts);
    const addresses = [...accounts.keys()];
    for (const listener of this.accountListeners) listener(addresses);
  }

  /**
   * Forks the chain: it drops the newest blocks and continues from the block before them. Slot numbers do not repeat.
   *
   * @returns The transactions of the dropped blocks, oldest first. Their effects are undone.
   * @throws {RangeError} One of the blocks is final.
   */
  fork(count: number): readonly Uint8Array[] {
    this.requireWhole();
    const kept = this.history.keptBy(count);
    const dropped = this.journal.writeFork(this.currentSlot, kept.slot);
    const addresses = this.dropBlocks(count, dropped);
    for (const listener of this.accountListeners) listener(addresses);
    return dropped;
  }

  /** An account at a commitment, or null where it does not exist there. */
  account(address: string, commitment: Commitment, lag = 0): AccountState | null {
    const former = this.history.formerState(address, commitment, lag);
    return former === undefined ? this.accounts.read(address) : former;
  }

  /** All accounts of a program at a commitment. */
  programAccounts(
    program: string,
    commitment: Commitment,
    lag = 0,
  ): [address: string, state: AccountState][] {
    const changed = this.history.changedSince(commitment, lag);
    const found = [...this.accounts.ofProgram(program)].filter(([address]) => !changed.has(address));
    for (const address of changed) {
      const state = this.account(address, commitment, lag);
      if (state?.owner === program) found.push([address, state]);
    }
    return found;
  }

  wasExecuted(transaction: WireTransaction): boolean {
    return this.executed.has(transaction.message);
  }

  /** Changes the length of later slots. */
  changeSlotMs(slotMs: number): void {
    this.currentSlotMs = slotMs;
  }

  state(): ChainState {
    const { slot, slotMs, history } = this;
    const { all: blocks, finalHeight } = history;
    return { slot, slotMs, blocks, finalHeight, executedMessages: this.executed.all };
  }

  /** Replays the journal up to a block with transactions. @throws The outcome differs from the journal's. */
  replayBlock(record: { slot: number; blockhash: string; transactions: readonly WireTransaction[] }): Block {
    this.replayEmptySlots(record.slot - 1);
    for (const transaction of record.transactions) this.vm.trustSignatures(transaction);
    const block = this.applySlot(record.slot, record.transactions);
    if (block?.blockhash !== record.blockhash) {
      throw new Error(
        `The ledger's block in slot ${record.slot} does not repeat: it was written by another version. ` +
          'Start with an empty ledger directory.',
      );
    }
    return block;
  }

  /** Replays slots without transactions, up to and including `slot`. */
  replayEmptySlots(slot: number): void {
    while (this.currentSlot < slot) this.applySlot(this.currentSlot + 1, []);
  }

  /** Replays accounts that were set from outside. */
  replayAccounts(slot: number, accounts: ReadonlyMap<string, AccountState>): void {
    this.replayEmptySlots(slot);
    this.applyAccounts(accounts);
  }

  /** Replays a fork. */
  replayFork(slot: number, keptSlot: number, dropped: readonly Uint8Array[]): void {
    this.replayEmptySlots(slot);
    this.dropBlocks(this.history.all.filter((block) => block.slot > keptSlot).length, dropped);
  }

  private requireWhole(): void {
    if (this.isBroken) throw new Error('The chain has stopped: its journal could not be written.');
  }

  private applySlot(slot: number, transactions: readonly WireTransaction[]): Block | null {
    this.currentSlot = slot;
    if (isSlotSkipped(this.genesisHash, slot)) return null;
    const { tip } = this.history;
    const height = tip.height + 1;
    const timeMs = tip.timeMs + (slot - tip.slot) * this.currentSlotMs;
    this.setClock({ slot, timeMs });
    this.prepareSysvars(transactions);
    const preImages: PreImages = new Map();
    const executed = this.executeAll(height, transactions, preImages);
    const blockhash = computeBlockhash({ parentHash: tip.blockhash, slot, transactions: executed });
    const block = {
      slot,
      height,
      blockhash,
      parentSlot: tip.slot,
      timeMs,
      transactionCount: tip.transactionCount + executed.length,
      transactions: executed,
      preImages,
    };
    this.history.push(block);
    this.executed.forgetExpired(this.history, height);
    this.vm.expireBlockhash();
    return block;
  }

  /** Gives the machine the newest blockhashes by slot if a transaction is going to read them. */
  prepareSysvars(transactions: readonly WireTransaction[]): void {
    if (!transactions.some(({ message }) => message.staticKeys.some((key) => SLOT_HASHES_READERS.has(key)))) {
      return;
    }
    const newestFirst = this.history.all.slice(-SLOT_HASHES).reverse();
    this.vm.setSlotHashes(newestFirst.map(({ slot, blockhash: hash }) => ({ slot: BigInt(slot), hash })));
  }

  private executeAll(height: number, transactions: readonly WireTransaction[], preImages: PreImages) {
    const executed: ExecutedTransaction[] = [];
    for (const transaction of transactions) {
      const { blockhash } = transaction.message;
      const lastValid = this.history.lastValidBlockHeight(blockhash);
      if (lastValid === null || height > lastValid) continue;
      if (this.executed.has(transaction.message)) continue;
      const result = this.executor.execute(transaction, preImages);
      if (result === null) continue;
      executed.push(result);
      this.executed.add(transaction.message);
    }
    return executed;
  }

  /**
   * Restores the accounts to their state before the newest blocks, and allows the blocks' transactions to run again.
   */
  private dropBlocks(count: number, transactions: readonly Uint8Array[]): string[] {
    const former = new Map<string, AccountState | null>();
    for (const { preImages } of this.history.pop(count)) {
      for (const [address, state] of preImages) former.set(address, state);
    }
    for (const [address, state] of former) this.accounts.set(address, state ?? NO_ACCOUNT);
    for (const bytes of transactions) this.executed.remove(parseTransaction(bytes).message);
    this.setClock(this.history.tip);
    return [...former.keys()];
  }

  private applyAccounts(accounts: ReadonlyMap<string, AccountState>): void {
    for (const [address, state] of accounts) this.accounts.set(address, state);
    this.history.forgetFormerStates(accounts.keys());
  }

  private setClock(at: { readonly slot: number; readonly timeMs: number }): void {
    const epoch = Math.floor(at.slot / SLOTS_PER_EPOCH);
    const epochStartMs = at.timeMs - (at.slot - epoch * SLOTS_PER_EPOCH) * this.currentSlotMs;
    this.vm.setClock({
      slot: BigInt(at.slot),
      epoch: BigInt(epoch),
      epochStartAt: BigInt(Math.floor(epochStartMs / 1000)),
      unixTimestamp: BigInt(blockTimeSeconds(at)),
    });
  }

  private tell(block: Block): void {
    const event = { block, confirmed: this.history.at('confirmed'), finalized: this.history.at('finalized') };
    for (const listener of this.listeners) listener(event);
  }
}
