import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedBytes } from './byte-reader.ts';
import { Faucet } from './faucet.ts';
import { Vm } from './vm.ts';
import { parseTransaction } from './wire-transaction.ts';

const HASH = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const faucet = new Faucet('test');
const { bytes: good } = faucet.transfer(HASH, 5n, HASH);

test('reads a transaction', () => {
  const { message, signatures, signature } = parseTransaction(good);
  expect(signatures).toHaveLength(1);
  expect(signature.length).toBeGreaterThan(80);
  expect(message.blockhash).toBe(HASH);
  expect(message.staticKeys[0]).toBe(faucet.address);
  expect(message.instructions.map(({ programIndex }) => programIndex)).toEqual([3, 2]);
});

test.each([
  ['nothing', new Uint8Array()],
  ['a cut end', good.subarray(0, -1)],
  ['trailing bytes', Uint8Array.from([...good, 0])],
  ['an unknown version', Uint8Array.from([...good.subarray(0, 65), 0x81, ...good.subarray(65)])],
  ['an overlong length', Uint8Array.from([0x81, 0x00, ...good.subarray(1)])],
])('refuses %s', (_, bytes) => {
  expect(() => parseTransaction(bytes)).toThrow(MalformedBytes);
});

test('accepts only transactions that the virtual machine answers without ending the process', () => {
  const vm = Vm.create();
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(40), (changes, cut) => {
      const bytes = Uint8Array.from(good);
      for (const [index, value] of changes) bytes[65 + (index % (bytes.length - 65))] = value;
      let transaction: ReturnType<typeof parseTransaction>;
      try {
        transaction = parseTransaction(cut < 10 ? bytes.subarray(0, -cut - 1) : bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBytes);
        return;
      }
      expect(vm.simulate(transaction, { verifySignatures: false })).toHaveProperty('error');
    }),
    { numRuns: 3_000 },
  );
});
