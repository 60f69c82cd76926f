import { encodeBase58 } from '@oee/amm';
import type { AccountState } from '../chain/vm.ts';
import { type JsonText, toJsonText } from './json.ts';
import type { Config } from './params.ts';
import { integerParam } from './params.ts';
import { type MintScale, parseAccountData } from './parsed-account.ts';
import { invalidParams, RpcError } from './rpc-error.ts';
import { toZstdFrame } from './zstd-frame.ts';

const MAX_BASE58_BYTES = 128;
const RENT_EXEMPT_EPOCH = 2n ** 64n - 1n;
const ENCODINGS = ['binary', 'base58', 'base64', 'base64+zstd', 'jsonParsed'] as const;

export type AccountEncoding = (typeof ENCODINGS)[number];

export interface AccountFormat {
  readonly encoding: AccountEncoding;
  readonly dataSlice: { offset: number; length: number } | null;
}

export function accountFormatOf(config: Config, fallback: AccountEncoding): AccountFormat {
  const encoding = config.encoding ?? fallback;
  if (!ENCODINGS.includes(encoding as AccountEncoding)) {
    throw invalidParams(`Invalid params: encoding ${String(encoding)} is none of ${ENCODINGS.join(', ')}.`);
  }
  return { encoding: encoding as AccountEncoding, dataSlice: dataSliceOf(config.dataSlice) };
}

function dataSliceOf(value: unknown): AccountFormat['dataSlice'] {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalidParams('Invalid params: dataSlice must be an object.');
  const slice = value as Config;
  const given = (name: 'offset' | 'length') => {
    if (slice[name] === undefined) throw invalidParams(`Invalid params: missing field \`${name}\`.`);
    return integerParam(slice[name], `dataSlice.${name}`);
  };
  return { offset: given('offset'), length: given('length') };
}

/** The JSON of accounts in base64, for as long as an account does not change. */
const inBase64 = new WeakMap<AccountState, JsonText>();

/**
 * An account in the shape of Solana's RPC. `jsonParsed` falls back to base64 for accounts that no token program owns.
 */
export function toAccountInfo(state: AccountState, format: AccountFormat, scaleOf: MintScale) {
  if (format.encoding !== 'base64' || format.dataSlice !== null) return describe(state, format, scaleOf);
  const known = inBase64.get(state);
  if (known !== undefined) return known;
  const text = toJsonText(describe(state, format, scaleOf));
  inBase64.set(state, text);
  return text;
}

function describe(state: AccountState, format: AccountFormat, scaleOf: MintScale) {
  return {
    lamports: state.lamports,
    data: encodeData(state, format, scaleOf),
    owner: state.owner,
    executable: state.executable,
    rentEpoch: RENT_EXEMPT_EPOCH,
    space: state.data.length,
  };
}

function encodeData(state: AccountState, { encoding, dataSlice }: AccountFormat, scaleOf: MintScale) {
  if (encoding === 'jsonParsed') {
    const parsed = parseAccountData(state, scaleOf);
    if (parsed !== null) return parsed;
  }
  const data = dataSlice
    ? state.data.subarray(dataSlice.offset, dataSlice.offset + dataSlice.length)
    : state.data;
  if (encoding === 'base64+zstd') return [toZstdFrame(data).toString('base64'), encoding];
  if (encoding === 'base64' || encoding === 'jsonParsed') {
    return [Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'), 'base64'];
  }
  if (data.length > MAX_BASE58_BYTES) {
    throw new RpcError(
      'invalidRequest',
      'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
    );
  }
  return encoding === 'binary' ? encodeBase58(data) : [encodeBase58(data), 'base58'];
}
