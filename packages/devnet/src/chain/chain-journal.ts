import type { Block } from './block.ts';
import type { AccountState } from './vm.ts';

/** The chain's journal: every change is written here before any client sees it. */
export interface ChainJournal {
  /** Afterwards the block survives the death of the process. */
  writeBlock(block: Block): void;
  /** Afterwards the accounts, set after the block of `slot`, survive the death of the process. */
  writeAccounts(slot: number, accounts: ReadonlyMap<string, AccountState>): void;
  /**
   * Afterwards it is written down that after `slot` all blocks behind `keptSlot` were abandoned.
   * Returns the transactions that were in them, oldest first.
   */
  writeFork(slot: number, keptSlot: number): readonly Uint8Array[];
  /** Afterwards the chain never restarts before this slot. */
  writeHead(slot: number): void;
}
