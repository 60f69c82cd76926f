import { addressText } from '@oee/solana';
import type { AccountState } from './vm.ts';
import type { WireMessage } from './wire-transaction.ts';

/** Charged for each account that exists, and for each lookup table (SIMD-0186). */
const ACCOUNT_BASE_BYTES = 64;
const LOOKUP_TABLE_BYTES = 8_248;
const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111';
const PROGRAM_STATE = 2;
const PROGRAM_BYTES = 36;

/**
 * Bytes that a transaction loads, as Solana counts them: its accounts with their data, and the code of each upgradeable
 * program among them, once.
 */
export function loadedDataBytes(
  message: WireMessage,
  accounts: readonly string[],
  read: (address: string) => AccountState | null,
): number {
  const counted = new Set(accounts);
  let bytes = message.lookups.length * LOOKUP_TABLE_BYTES;
  // The loop adds the code of programs to the set that it walks.
  for (const address of counted) {
    const state = read(address);
    if (state === null) continue;
    bytes += ACCOUNT_BASE_BYTES + state.data.length;
    const code = accounts.includes(address) ? codeAddress(state) : null;
    if (code !== null) counted.add(code);
  }
  return bytes;
}

/** The account with a program's code; null for an account that is no upgradeable program. */
function codeAddress({ owner, data }: AccountState): string | null {
  const isProgram =
    owner === UPGRADEABLE_LOADER && data.length === PROGRAM_BYTES && data[0] === PROGRAM_STATE;
  return isProgram ? addressText(data.subarray(4, PROGRAM_BYTES)) : null;
}
