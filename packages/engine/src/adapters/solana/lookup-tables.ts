import { encodeBase58 } from '@oee/amm';
import { type Moment, NEVER } from '../../domain/moment.ts';
import type { Account, AccountReader } from '../../ports/account-reader.ts';
import type { LookupTable } from '../../ports/chain.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { LookupTables } from '../../ports/lookup-tables.ts';

const LOOKUP_TABLE_PROGRAM = 'AddressLookupTab1e1111111111111111111111111';
// Layout: solana-program/address-lookup-table, state.rs: tag, deactivation slot, and 42 more bytes before the addresses.
const TAG_LOOKUP_TABLE = 1;
const HEADER_LENGTH = 56;
const NOT_DEACTIVATED = 2n ** 64n - 1n;
const ADDRESS_LENGTH = 32;
const KEPT_MS = 60_000;
const MAX_KEPT = 1_000;

/** Tables only grow, so a reading is kept for a minute; longer would miss that a table is being closed. */
export function createLookupTables(reader: AccountReader, clock: Pick<Clock, 'moment'>): LookupTables {
  const known = new Map<string, { readonly table: LookupTable | null; readonly readAt: Moment }>();
  return {
    async read(addresses) {
      if (known.size + addresses.length > MAX_KEPT) known.clear();
      const isDue = (address: string) => msSince(clock, known.get(address)?.readAt ?? NEVER) >= KEPT_MS;
      const due = addresses.filter(isDue);
      if (due.length > 0) {
        const { accounts } = await reader.accounts(due);
        for (const [index, address] of due.entries())
          known.set(address, { table: toLookupTable(address, accounts[index]), readAt: clock.moment() });
      }
      return addresses.flatMap((address) => known.get(address)?.table ?? []);
    },
  };
}

function toLookupTable(address: string, account: Account | undefined): LookupTable | null {
  if (account?.owner !== LOOKUP_TABLE_PROGRAM) return null;
  const data = Buffer.from(account.data);
  if (data.length < HEADER_LENGTH || data.readUInt32LE(0) !== TAG_LOOKUP_TABLE) return null;
  if (data.readBigUInt64LE(4) !== NOT_DEACTIVATED) return null;
  const addresses: string[] = [];
  for (let at = HEADER_LENGTH; at + ADDRESS_LENGTH <= data.length; at += ADDRESS_LENGTH)
    addresses.push(encodeBase58(data.subarray(at, at + ADDRESS_LENGTH)));
  return { address, addresses };
}
