import { encodeBase58 } from '@oee/amm';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from '@oee/solana';
import { type Moment, NEVER } from '../../domain/moment.ts';
import type { Account, AccountReader } from '../../ports/account-reader.ts';
import type { LookupTable } from '../../ports/chain.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { LookupTables } from '../../ports/lookup-tables.ts';

// Layout: solana-program/address-lookup-table, state.rs: tag, deactivation slot, and 42 more bytes before the addresses.
const TAG_LOOKUP_TABLE = 1;
const HEADER_LENGTH = 56;
const NOT_DEACTIVATED = 2n ** 64n - 1n;
const ADDRESS_LENGTH = 32;
const KEPT_MS = 60_000;
const MAX_KEPT = 1_000;

/**
 * Reads lookup tables and caches them for a minute, since tables only grow; a longer time would miss that a table is
 * being closed. The absence of a table is not cached, and every node must confirm it, since it would end an order.
 *
 * @param readers Asked in turn for the tables that earlier readers did not show; at least one.
 */
export function createLookupTables(
  readers: readonly AccountReader[],
  clock: Pick<Clock, 'moment'>,
): LookupTables {
  const known = new Map<string, { readonly table: LookupTable; readonly readAt: Moment }>();
  return {
    async read(addresses) {
      if (known.size + addresses.length > MAX_KEPT) known.clear();
      let due = addresses.filter((one) => msSince(clock, known.get(one)?.readAt ?? NEVER) >= KEPT_MS);
      for (const address of due) known.delete(address);
      for (const reader of readers) {
        if (due.length === 0) break;
        const { accounts } = await reader.accounts(due);
        for (const [index, address] of due.entries()) {
          const table = toLookupTable(address, accounts[index]);
          if (table) known.set(address, { table, readAt: clock.moment() });
        }
        due = due.filter((address) => !known.has(address));
      }
      return addresses.flatMap((address) => known.get(address)?.table ?? []);
    },
  };
}

function toLookupTable(address: string, account: Account | undefined): LookupTable | null {
  if (account?.owner !== ADDRESS_LOOKUP_TABLE_PROGRAM) return null;
  const data = Buffer.from(account.data);
  if (data.length < HEADER_LENGTH || data.readUInt32LE(0) !== TAG_LOOKUP_TABLE) return null;
  if (data.readBigUInt64LE(4) !== NOT_DEACTIVATED) return null;
  const addresses: string[] = [];
  for (let at = HEADER_LENGTH; at + ADDRESS_LENGTH <= data.length; at += ADDRESS_LENGTH)
    addresses.push(encodeBase58(data.subarray(at, at + ADDRESS_LENGTH)));
  return { address, addresses };
}
