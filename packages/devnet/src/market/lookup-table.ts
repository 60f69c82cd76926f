import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  deriveAddress,
  MEMO_PROGRAM,
  requireAddressBytes,
  SYSTEM_PROGRAM,
} from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes } from '../pools/account-bytes.ts';
import {
  METEORA_DAMM_V2_AUTHORITY,
  METEORA_DAMM_V2_EVENT_AUTHORITY,
  METEORA_DLMM_EVENT_AUTHORITY,
  RAYDIUM_CPMM_AUTHORITY,
} from '../pools/addresses.ts';
import { RAYDIUM_AMM_V4_AUTHORITY } from '../pools/raydium-amm-v4.ts';
import { rentExemptLamports } from '../pools/token-accounts.ts';
import type { PlacedPool } from './placed-pool.ts';

// Layout: solana-program/address-lookup-table, state.rs. The header is padded to 56 bytes.
const HEADER_LENGTH = 56;
const ADDRESS_LENGTH = 32;
const TAG_LOOKUP_TABLE = 1;
const NOT_DEACTIVATED = 2n ** 64n - 1n;
const MAX_ADDRESSES = 256;

/** One frozen table with every account that swaps of the market's pools name, so that long routes fit. */
export async function createMarketLookupTable(pools: readonly PlacedPool[]): Promise<GenesisAccount> {
  const addresses = [
    ...new Set([...SHARED, ...pools.flatMap(({ parts }) => Object.values(parts).flatMap(addressesIn))]),
  ];
  if (addresses.length > MAX_ADDRESSES) throw new Error('one table does not hold the whole market');
  const data = createAccountBytes(HEADER_LENGTH + ADDRESS_LENGTH * addresses.length);
  data.u32(0, TAG_LOOKUP_TABLE).u64(4, NOT_DEACTIVATED);
  for (const [index, address] of addresses.entries())
    data.address(HEADER_LENGTH + ADDRESS_LENGTH * index, address);
  // As the program derives the address: from the creating authority and a recent slot.
  const seeds = [requireAddressBytes(SYSTEM_PROGRAM), new Uint8Array(8)];
  return {
    address: await deriveAddress(ADDRESS_LOOKUP_TABLE_PROGRAM, seeds),
    lamports: rentExemptLamports(data.bytes.length),
    owner: ADDRESS_LOOKUP_TABLE_PROGRAM,
    executable: false,
    data: data.bytes,
  };
}

/** A pool's part is an address, or several by their index. */
const addressesIn = (part: string | Readonly<Record<number, string>>): string[] =>
  typeof part === 'string' ? [part] : Object.values(part);

const SHARED = [
  RAYDIUM_CPMM_AUTHORITY.address,
  RAYDIUM_AMM_V4_AUTHORITY.address,
  METEORA_DAMM_V2_AUTHORITY,
  METEORA_DAMM_V2_EVENT_AUTHORITY,
  METEORA_DLMM_EVENT_AUTHORITY,
  MEMO_PROGRAM,
] as const;
