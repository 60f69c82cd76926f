import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase58, encodeBase58 } from './base58.ts';

const kit = getBase58Decoder();
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc
    .tuple(fc.nat(5), fc.uint8Array({ maxLength: 40 }))
    .map(([zeros, rest]) => Uint8Array.from([...new Array(zeros).fill(0), ...rest])),
);

test('writes what @solana/kit writes, and reads it back', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const text = encodeBase58(value);
      expect(text).toBe(kit.decode(value));
      expect(Buffer.compare(decodeBase58(text), value)).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});

test('reads what @solana/kit reads', () => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  const texts = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 100 });
  const read = getBase58Encoder();
  fc.assert(
    fc.property(texts, (text) => {
      expect(decodeBase58(text)).toEqual(Uint8Array.from(read.encode(text)));
    }),
    { numRuns: 2_000 },
  );
});

test.each(['0', 'O', 'I', 'l', 'abc!', 'é'])('refuses %s', (text) => {
  expect(() => decodeBase58(text)).toThrow(RangeError);
});
