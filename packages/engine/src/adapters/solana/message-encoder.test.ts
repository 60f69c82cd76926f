import { encodeBase58 } from '@oee/amm';
import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransactionMessage,
  createTransactionMessage,
  decompileTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { describe, expect, test } from 'vitest';
import {
  type AccountUse,
  type Instruction,
  type MessageParts,
  TransactionTooLarge,
} from '../../ports/chain.ts';
import { decodeMessage, tablesOf } from '../signers/decoded-message.ts';
import { memo, setComputeUnitLimit, setComputeUnitPrice } from './instructions.ts';
import { compileMessage } from './message-encoder.ts';

const address = (seed: number) => encodeBase58(new Uint8Array(32).fill(seed).fill(1, 0, 1));
const use = (seed: number, writable: boolean, signer = false): AccountUse => ({
  address: address(seed),
  signer,
  writable,
});
const PAYER = address(200);

const parts = (instructions: readonly Instruction[], price = 7n): MessageParts => ({
  payer: PAYER,
  instructions,
  blockhash: address(99),
  computeUnitLimit: 123_456,
  computeUnitPriceMicroLamports: price,
  memo: 'order 1',
});

const SWAP: Instruction = {
  programAddress: address(50),
  accounts: [
    { address: PAYER, signer: true, writable: false },
    use(1, false),
    use(2, true),
    use(3, false),
    use(2, false),
  ],
  data: Uint8Array.from({ length: 200 }, (_, index) => index),
};
const LATER: Instruction = {
  programAddress: address(51),
  accounts: [use(3, true), use(50, false)],
  data: Uint8Array.of(),
};

test('encodes the same message as the reference compiler, in as many bytes', () => {
  const instructions = [SWAP, LATER, SWAP];
  const bytes = compileMessage(parts(instructions));
  const all = [setComputeUnitLimit(123_456), setComputeUnitPrice(7n), memo('order 1'), ...instructions];
  const reference = referenceMessage(all);

  const ours = getCompiledTransactionMessageDecoder().decode(bytes);
  const compiled = compileTransactionMessage(reference);
  expect(ours.header).toEqual(compiled.header);
  expect([...ours.staticAccounts].sort()).toEqual([...compiled.staticAccounts].sort());
  expect(bytes.length).toBe(getCompiledTransactionMessageEncoder().encode(compiled).length);
  const decompiled = decompileTransactionMessage(ours as Parameters<typeof decompileTransactionMessage>[0]);
  const again = decompileTransactionMessage(compiled as Parameters<typeof decompileTransactionMessage>[0]);
  expect(decompiled.feePayer).toEqual(again.feePayer);
  expect(plain(decompiled.instructions)).toEqual(plain(again.instructions));
});

test('sets no compute unit price when the price is zero', () => {
  const ours = getCompiledTransactionMessageDecoder().decode(compileMessage(parts([SWAP], 0n)));
  expect(ours).toMatchObject({ version: 0, instructions: { length: 3 } });
});

test('fills a packet to the last byte and refuses one more', () => {
  const grow = (length: number) => compileMessage(parts([{ ...LATER, data: new Uint8Array(length) }]));
  const room = 1_232 - 65 - grow(200).length;
  expect(grow(200 + room).length + 65).toBe(1_232);
  expect(() => grow(200 + room + 1)).toThrow(TransactionTooLarge);
});

describe('lookup tables', () => {
  const accounts = Array.from({ length: 40 }, (_, index) => use(index + 1, index % 3 === 0));
  const big: Instruction = { ...LATER, accounts };
  const table = (seed: number, from: number, to: number) => ({
    address: address(seed),
    addresses: accounts.slice(from, to).map((account) => account.address),
  });
  const tables = [table(210, 0, 25), table(211, 20, 39), table(212, 39, 40)];

  test('are not used by a message that fits without them', () => {
    const small = parts([SWAP]);
    expect(compileMessage({ ...small, lookupTables: tables })).toEqual(compileMessage(small));
  });

  test('shorten a message that does not fit, and the reference library reads the same instructions from it', () => {
    expect(() => compileMessage(parts([big]))).toThrow(TransactionTooLarge);
    const bytes = compileMessage({ ...parts([big, SWAP]), lookupTables: tables });
    const compiled = getCompiledTransactionMessageDecoder().decode(bytes);
    const addressesByLookupTableAddress = Object.fromEntries(
      tables.map((each) => [each.address as Address, each.addresses as Address[]]),
    );
    const said = decompileTransactionMessage(compiled as Parameters<typeof decompileTransactionMessage>[0], {
      addressesByLookupTableAddress,
    });
    const instructions = said.instructions as readonly {
      accounts?: readonly { address: string; role: number }[];
    }[];
    const roles = (instruction: Instruction) =>
      instruction.accounts.map((each) => [each.address, each.writable]);
    const saidRoles = instructions[3]?.accounts?.map((each) => [
      each.address,
      each.role === AccountRole.WRITABLE || each.role === AccountRole.WRITABLE_SIGNER,
    ]);
    // Account 2 and 3 are writable in one instruction and so in the whole message.
    const widest = roles(big).map(([each, writable]) => [each, writable || each === address(2)]);
    expect(saidRoles).toEqual(widest);
    expect(
      decodeMessage(bytes, tables).instructions[3]?.accounts.map((each) => [each.address, each.writable]),
    ).toEqual(widest);
    // The last table would give a single account, which costs more than it saves.
    expect(tablesOf(bytes)).toEqual([tables[0]?.address, tables[1]?.address]);
  });

  test('supply no program and no signer', () => {
    const held = [address(50), address(51), PAYER, ...accounts.map((account) => account.address)];
    const bytes = compileMessage({
      ...parts([big, SWAP]),
      lookupTables: [{ address: address(213), addresses: held }],
    });
    const { payer, listed } = decodeMessage(bytes, [{ address: address(213), addresses: held }]);
    expect(payer).toBe(PAYER);
    expect([...listed]).toEqual(expect.arrayContaining([address(50), address(51), PAYER]));
  });
});

test('refuses more than 64 accounts before it counts bytes', () => {
  const accounts = Array.from({ length: 70 }, (_, index) => use(index + 1, false));
  expect(() => compileMessage(parts([{ ...LATER, accounts }]))).toThrow(/accounts, at most 64/);
});

test('refuses to compile for a second signer', () => {
  expect(() => compileMessage(parts([{ ...LATER, accounts: [use(9, true, true)] }]))).toThrow(/2 signers/);
});

function referenceMessage(instructions: readonly Instruction[]) {
  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayer(PAYER as Address, message),
    (message) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: address(99) as Blockhash, lastValidBlockHeight: 0n },
        message,
      ),
    (message) =>
      appendTransactionMessageInstructions(
        instructions.map(({ programAddress, accounts, data }) => ({
          programAddress: programAddress as Address,
          data,
          accounts: accounts.map((each) => ({ address: each.address as Address, role: roleOf(each) })),
        })),
        message,
      ),
  );
}

function roleOf({ signer, writable }: AccountUse): AccountRole {
  if (signer) return writable ? AccountRole.WRITABLE_SIGNER : AccountRole.READONLY_SIGNER;
  return writable ? AccountRole.WRITABLE : AccountRole.READONLY;
}

const plain = (
  instructions: readonly { programAddress: string; accounts?: unknown; data?: ArrayLike<number> }[],
) =>
  instructions.map(({ programAddress, accounts, data }) => ({
    programAddress,
    accounts: accounts ?? [],
    data: [...Array.from(data ?? [])],
  }));
