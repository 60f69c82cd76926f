import { addressBytes } from '@oee/solana';
import { SwapApiRefusal } from './swap-api-refusal.ts';

/** Reads the parameters of both versions of Jupiter's API. Every reader throws a {@link SwapApiRefusal} of 400. */

const U64_MAX = 2n ** 64n - 1n;

export function amount(query: URLSearchParams): bigint {
  const text = query.get('amount') ?? '';
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > U64_MAX) refuse('amount must be base units of the input token, 1 to 2^64 - 1');
  return value;
}

export function address(query: URLSearchParams, name: string): string {
  return toAddress(query.get(name), name);
}

export function toAddress(value: unknown, name: string): string {
  if (typeof value !== 'string' || addressBytes(value) === null) {
    refuse(`${name} must be a base58 address of 32 bytes`);
  }
  return value;
}

/** The two tokens of a swap. */
export function pair(query: URLSearchParams): { inputMint: string; outputMint: string } {
  const inputMint = address(query, 'inputMint');
  const outputMint = address(query, 'outputMint');
  if (inputMint === outputMint) refuse('inputMint and outputMint must differ');
  return { inputMint, outputMint };
}

/** The exchanges that a route may or may not use. */
export function exchanges(query: URLSearchParams): {
  dexes: ReadonlySet<string> | null;
  excludedDexes: ReadonlySet<string>;
} {
  if (query.has('dexes') && query.has('excludeDexes'))
    refuse('dexes and excludeDexes are mutually exclusive');
  return {
    dexes: query.has('dexes') ? labels(query, 'dexes') : null,
    excludedDexes: labels(query, 'excludeDexes'),
  };
}

export function whole(
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

export function flag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  return query.has(name) ? oneOf(query, name, ['true', 'false']) === 'true' : fallback;
}

export function oneOf(query: URLSearchParams, name: string, values: readonly string[]): string {
  const text = query.get(name) ?? '';
  if (!values.includes(text)) refuse(`${name} must be ${values.join(' or ')}`);
  return text;
}

const labels = (query: URLSearchParams, name: string): ReadonlySet<string> =>
  new Set((query.get(name) ?? '').split(',').filter((label) => label !== ''));

export function refuse(message: string): never {
  throw new SwapApiRefusal(400, message);
}
