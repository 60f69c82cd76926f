import type { Block } from './block.ts';
import type { AccountState } from './vm.ts';

/** The chain's journal: every change is written here before any client sees it. */
export interface ChainJournal {
  /** Afterwards the block survives the death of the process. */
  writeBlock(block: Block): void;
  /** Afterwards the accounts, set after the block of `slot`, survive the death of the process. */
  writeAccounts(slot: number, accounts: ReadonlyMap<string, AccountState>): void;
  /**
   * Afterwards the journal records that after `slot` a fork dropped all blocks behind `keptSlot`. Returns the
   * transactions of the dropped blocks, oldest first.
   */
  writeFork(slot: number, keptSlot: number): readonly Uint8Array[];
  /** Afterwards the chain never restarts before this slot. */
  writeHead(slot: number): void;
}
