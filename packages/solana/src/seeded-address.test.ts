import { encodeBase58 } from '@oee/amm';
import { type Address, createAddressWithSeed } from '@solana/kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from './programs.ts';
import { seededAddress } from './seeded-address.ts';

const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(encodeBase58);
const seed = fc.string({ maxLength: 32 }).filter((text) => Buffer.byteLength(text) <= 32);

test("is @solana/kit's address of the same seed", async () => {
  await fc.assert(
    fc.asyncProperty(
      address,
      seed,
      fc.constantFrom(SYSTEM_PROGRAM, TOKEN_PROGRAM),
      async (base, text, program) => {
        const expected = await createAddressWithSeed({
          baseAddress: base as Address,
          programAddress: program as Address,
          seed: text,
        });
        expect(seededAddress(base, text, program)).toBe(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['a seed of 33 bytes', SYSTEM_PROGRAM, `${'ü'.repeat(16)}x`, TOKEN_PROGRAM],
  ['a base that is no address', 'wallet', 'seed', TOKEN_PROGRAM],
  ['a program that is no address', SYSTEM_PROGRAM, 'seed', ''],
])('%s is refused', (_, base, text, program) => {
  expect(() => seededAddress(base, text, program)).toThrow(RangeError);
});
