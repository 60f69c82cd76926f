import { decodeBase58 } from '@oee/amm';

// Whole numbers of 16 digits and more may lie above 2^53, where JSON.parse would round them.
const NUMBERS = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;
const LONG_DIGITS = /\d{16}/;

/**
 * Parses JSON without rounding: a whole number too long for a double becomes a string of its digits.
 * `toU64` reads both forms.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(LONG_DIGITS.test(text) ? quoteLongIntegers(text) : text);
}

/** Looks for numbers between the strings only: nearly all of a long answer is the data of accounts, in a few strings. */
function quoteLongIntegers(text: string): string {
  let exact = '';
  let copied = 0;
  for (let start = 0; start < text.length; ) {
    const opening = text.indexOf('"', start);
    const end = opening < 0 ? text.length : opening;
    const between = text.slice(start, end);
    if (LONG_DIGITS.test(between)) {
      exact += text.slice(copied, start) + between.replace(NUMBERS, quoteLongInteger);
      copied = end;
    }
    start = opening < 0 ? text.length : endOfString(text, opening + 1);
  }
  return exact + text.slice(copied);
}

const quoteLongInteger = (token: string): string => (LONG_INTEGER.test(token) ? `"${token}"` : token);

/** The index behind the closing quote of a string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let closing = text.indexOf('"', from);
  while (closing >= 0 && isEscaped(text, closing)) closing = text.indexOf('"', closing + 1);
  return closing < 0 ? text.length : closing + 1;
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1;
  while (text[before] === '\\') before -= 1;
  return (index - before) % 2 === 0;
}

/** @throws {MalformedAnswer} Neither a whole number from 0 nor a string of digits, or above u64. */
export function toU64(value: unknown): bigint {
  const isWhole = typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isDigits(value);
  const exact = isWhole ? BigInt(value as number | string) : -1n;
  if (exact < 0n || exact >= 1n << 64n) throw new MalformedAnswer('a u64');
  return exact;
}

/** @throws {MalformedAnswer} Not an object. */
export function toFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedAnswer('an object');
  return value as Record<string, unknown>;
}

/** @throws {MalformedAnswer} Not a list. */
export function toList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedAnswer('a list');
  return value;
}

/** @throws {MalformedAnswer} Not a text. */
export function toText(value: unknown): string {
  if (typeof value !== 'string') throw new MalformedAnswer('a text');
  return value;
}

/**
 * The bytes of a base64 text, as a view of the buffer that holds them. A copy of every account at every slot would double the
 * memory that the garbage collector must find again.
 *
 * @throws {MalformedAnswer} Not a text.
 */
export function toBytes(value: unknown): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(toText(value), 'base64');
  return new Uint8Array(buffer, byteOffset, length);
}

const HASH_BYTES = 32;
const HASH_MAX_CHARACTERS = 44;

/**
 * A hash, or an address.
 * @throws {MalformedAnswer} Not base58 of 32 bytes.
 */
export function toHash(value: unknown): string {
  const text = toText(value);
  if (!isHash(text)) throw new MalformedAnswer('base58 of 32 bytes');
  return text;
}

/** The node's answer violates its interface. */
export class MalformedAnswer extends Error {
  override name = 'MalformedAnswer';

  constructor(expected: string) {
    super(`the answer lacks ${expected} where the interface requires it`);
  }
}

/** Whether a text is a hash or an address: base58 of 32 bytes. */
export function isHash(text: string): boolean {
  if (text.length > HASH_MAX_CHARACTERS) return false;
  try {
    return decodeBase58(text).length === HASH_BYTES;
  } catch {
    return false; // A character that base58 does not have.
  }
}

const isDigits = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value);
