const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const CHUNK_DIGITS = 5;
const CHUNK = 58 ** CHUNK_DIGITS; // Times 2^16 it stays below 2^53, so plain numbers are exact.

const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));

/**
 * Bytes as base58 text, Solana's form of addresses and signatures. Every transaction has a dozen keys, so this works on
 * five digits at a time, which takes a fraction of the time of one bigint division per digit.
 */
export function encodeBase58(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros += 1;
  const limbs = toLimbs(bytes);
  let text = '';
  let first = 0;
  while (first < limbs.length) {
    let remainder = 0;
    for (let index = first; index < limbs.length; index += 1) {
      const value = remainder * 65_536 + limbs[index]!;
      const quotient = Math.floor(value / CHUNK);
      limbs[index] = quotient;
      remainder = value - quotient * CHUNK;
    }
    while (first < limbs.length && limbs[first] === 0) first += 1;
    const isMostSignificant = first === limbs.length;
    for (let digit = 0; digit < CHUNK_DIGITS; digit += 1) {
      if (isMostSignificant && remainder === 0) break;
      text = ALPHABET[remainder % 58] + text;
      remainder = Math.floor(remainder / 58);
    }
  }
  return '1'.repeat(zeros) + text;
}

/**
 * The bytes of a base58 text.
 *
 * @throws {RangeError} A character outside the alphabet.
 */
export function decodeBase58(text: string): Uint8Array {
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') zeros += 1;
  const limbs = new Array<number>(Math.ceil((text.length * 0.7323) / 2) + 1).fill(0);
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) throw new RangeError(`Not a base58 character: ${JSON.stringify(character)}`);
    let carry = value;
    for (let index = limbs.length - 1; index >= 0; index -= 1) {
      const sum = limbs[index]! * 58 + carry;
      limbs[index] = sum & 0xffff;
      carry = sum >>> 16;
    }
  }
  const all = limbs.flatMap((limb) => [limb >> 8, limb & 0xff]);
  let start = 0;
  while (start < all.length && all[start] === 0) start += 1;
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...all.slice(start)]);
}

/** Big-endian 16-bit limbs. */
function toLimbs(bytes: Uint8Array): number[] {
  const limbs: number[] = [];
  const isOdd = bytes.length % 2 === 1;
  if (isOdd) limbs.push(bytes[0]!);
  for (let index = isOdd ? 1 : 0; index < bytes.length; index += 2) {
    limbs.push(bytes[index]! * 256 + bytes[index + 1]!);
  }
  return limbs;
}
