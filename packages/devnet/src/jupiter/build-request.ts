import { addressBytes } from '../chain/addresses.ts';
import { SwapApiRefusal } from './swap-api-refusal.ts';

/** What `GET /swap/v2/build` is asked for; parameters as in Jupiter's OpenAPI document (jup-ag/docs, swap/v2). */
export interface BuildRequest {
  readonly inputMint: string;
  readonly outputMint: string;
  /** Base units of the input token. */
  readonly amount: bigint;
  readonly taker: string;
  readonly slippageBps: number;
  /** `mode=fast`: no splits. */
  readonly isFast: boolean;
  /** Labels of `routePlan`, case-sensitive; null where not given. */
  readonly dexes: ReadonlySet<string> | null;
  readonly excludedDexes: ReadonlySet<string>;
  /** Accounts that the legs may name together. */
  readonly maxAccounts: number;
  readonly wrapAndUnwrapSol: boolean;
  /** Where the output goes; null for the taker's own token account. */
  readonly destinationTokenAccount: string | null;
  readonly blockhashSlotsToExpiry: number;
  /** Of recent prices per compute unit, 0 to 10,000. */
  readonly pricePercentileBps: number;
}

const U64_MAX = 2n ** 64n - 1n;
const PERCENTILES: Readonly<Record<string, number>> = { medium: 2_500, high: 5_000, veryHigh: 7_500 };
/** What Jupiter offers and a local chain has no counterpart for. */
const NOT_SERVED = ['feeAccount', 'nativeDestinationAccount', 'tipAmount'];

/** @throws {SwapApiRefusal} 400 with what is wrong. Parameters that Jupiter does not know are passed over, as there. */
export function parseBuildRequest(query: URLSearchParams): BuildRequest {
  for (const name of NOT_SERVED) if (query.has(name)) refuse(`${name} is not served by the devnet`);
  const taker = address(query, 'taker');
  if ((query.get('payer') ?? taker) !== taker)
    refuse('payer is not served by the devnet unless it is the taker');
  if ((query.get('platformFeeBps') ?? '0') !== '0') refuse('platformFeeBps is not served by the devnet');
  if ((query.get('swapMode') ?? 'ExactIn') !== 'ExactIn') refuse('swapMode must be ExactIn');
  const inputMint = address(query, 'inputMint');
  const outputMint = address(query, 'outputMint');
  if (inputMint === outputMint) refuse('inputMint and outputMint must differ');
  if (query.has('dexes') && query.has('excludeDexes'))
    refuse('dexes and excludeDexes are mutually exclusive');
  const isFast = query.has('mode') && oneOf(query, 'mode', ['fast']) === 'fast';
  return {
    inputMint,
    outputMint,
    amount: amount(query),
    taker,
    slippageBps: whole(query, 'slippageBps', { fallback: 50, least: 0, most: 10_000 }),
    isFast,
    dexes: query.has('dexes') ? labels(query, 'dexes') : null,
    excludedDexes: labels(query, 'excludeDexes'),
    maxAccounts: whole(query, 'maxAccounts', { fallback: 64, least: 1, most: 64 }),
    wrapAndUnwrapSol:
      !query.has('wrapAndUnwrapSol') || oneOf(query, 'wrapAndUnwrapSol', ['true', 'false']) === 'true',
    destinationTokenAccount: query.has('destinationTokenAccount')
      ? address(query, 'destinationTokenAccount')
      : null,
    blockhashSlotsToExpiry: whole(query, 'blockhashSlotsToExpiry', { fallback: 150, least: 1, most: 300 }),
    pricePercentileBps: percentile(query, isFast ? 9_000 : 5_000),
  };
}

function percentile(query: URLSearchParams, fallback: number): number {
  const named = PERCENTILES[query.get('computeUnitPricePercentile') ?? ''];
  return named ?? whole(query, 'computeUnitPricePercentile', { fallback, least: 0, most: 10_000 });
}

function amount(query: URLSearchParams): bigint {
  const text = query.get('amount') ?? '';
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > U64_MAX) refuse('amount must be base units of the input token, 1 to 2^64 - 1');
  return value;
}

function address(query: URLSearchParams, name: string): string {
  const text = query.get(name) ?? '';
  if (addressBytes(text) === null) refuse(`${name} must be a base58 address of 32 bytes`);
  return text;
}

function whole(
  query: URLSearchParams,
  name: string,
  { fallback, least, most }: { fallback: number; least: number; most: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) refuse(`${name} must be a whole number from ${least} to ${most}`);
  return value;
}

function oneOf(query: URLSearchParams, name: string, values: readonly string[]): string {
  const text = query.get(name) ?? '';
  if (!values.includes(text)) refuse(`${name} must be ${values.join(' or ')}`);
  return text;
}

const labels = (query: URLSearchParams, name: string): ReadonlySet<string> =>
  new Set((query.get(name) ?? '').split(',').filter((label) => label !== ''));

function refuse(message: string): never {
  throw new SwapApiRefusal(400, message);
}
