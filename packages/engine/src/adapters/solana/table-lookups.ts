import type { AccountUse, Instruction, LookupTable } from '../../ports/chain.ts';

/** The accounts of a message: listed in it, or in a table that it names. */
export interface PlacedAccounts {
  /** In the order of the message. */
  readonly listed: readonly AccountUse[];
  readonly lookups: readonly {
    readonly table: string;
    readonly writable: readonly LoadedAccount[];
    readonly readonly: readonly LoadedAccount[];
  }[];
}

interface LoadedAccount {
  readonly address: string;
  /** Index in the table; one byte. */
  readonly entry: number;
}

const MAX_ENTRIES = 256;
// Naming a table costs 34 bytes, and an account in it saves 31: a single account does not save bytes.
const MIN_LOADED_PER_TABLE = 2;

/**
 * Moves accounts from the list to the tables that hold them. Signers and programs must stay listed: the chain does not
 * look them up.
 */
export function moveToTables(
  accounts: readonly AccountUse[],
  instructions: readonly Instruction[],
  tables: readonly LookupTable[],
): PlacedAccounts {
  const programs = new Set(instructions.map(({ programAddress }) => programAddress));
  let listed = accounts;
  const lookups: PlacedAccounts['lookups'][number][] = [];
  for (const table of tables) {
    const entries = new Map(table.addresses.slice(0, MAX_ENTRIES).map((address, entry) => [address, entry]));
    const isHeld = (use: AccountUse) => !use.signer && !programs.has(use.address) && entries.has(use.address);
    const held = listed.filter(isHeld);
    if (held.length < MIN_LOADED_PER_TABLE) continue;
    listed = listed.filter((use) => !isHeld(use));
    const loaded = (writable: boolean) =>
      held
        .filter((use) => use.writable === writable)
        .map(({ address }) => ({ address, entry: entries.get(address) as number }));
    lookups.push({ table: table.address, writable: loaded(true), readonly: loaded(false) });
  }
  return { listed, lookups };
}
