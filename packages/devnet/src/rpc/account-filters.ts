import { tryDecodeBase58 } from '@oee/solana';
import { readTokenAccount } from '../chain/token-account.ts';
import type { AccountState } from '../chain/vm.ts';
import { type Config, integerParam } from './params.ts';
import { invalidParams } from './rpc-error.ts';

const MAX_FILTERS = 4;
const MAX_MEMCMP_BYTES = 128;

export type AccountFilter = (state: AccountState) => boolean;

/** The filters of `getProgramAccounts`: an account must pass all of them. */
export function toAccountFilters(value: unknown): AccountFilter[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidParams('Invalid params: filters must be a list.');
  if (value.length > MAX_FILTERS) throw invalidParams(`Too many filters provided; max ${MAX_FILTERS}`);
  return value.map(toAccountFilter);
}

function toAccountFilter(value: unknown): AccountFilter {
  if (value === 'tokenAccountState') return (state) => readTokenAccount(state) !== null;
  const filter = value as Config | null;
  if (filter?.dataSize !== undefined) {
    const size = integerParam(filter.dataSize, 'dataSize');
    return (state) => state.data.length === size;
  }
  if (filter?.memcmp !== undefined) return toMemcmp(filter.memcmp as Config);
  throw invalidParams('Invalid params: a filter is dataSize, memcmp or tokenAccountState.');
}

function toMemcmp(memcmp: Config): AccountFilter {
  const offset = integerParam(memcmp.offset ?? 0, 'offset');
  const wanted = toBytes(memcmp);
  return ({ data }) =>
    data.length >= offset + wanted.length && wanted.every((byte, index) => data[offset + index] === byte);
}

function toBytes({ bytes, encoding }: Config): Uint8Array {
  if (Array.isArray(bytes)) return Uint8Array.from(bytes);
  const decoded =
    typeof bytes !== 'string'
      ? null
      : encoding === 'base64'
        ? Buffer.from(bytes, 'base64')
        : tryDecodeBase58(bytes);
  if (decoded === null) throw invalidParams('Invalid param: DecodeError');
  if (decoded.length > MAX_MEMCMP_BYTES) throw invalidParams('Invalid param: DataTooLarge');
  return decoded;
}
