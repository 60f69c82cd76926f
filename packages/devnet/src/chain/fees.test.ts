import { addressBytes, COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '@oee/solana';
import { expect, test } from 'vitest';
import { Faucet } from './faucet.ts';
import { feeOf } from './fees.ts';
import { Vm } from './vm.ts';
import { parseTransaction } from './wire-transaction.ts';

const HASH = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

function u32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return [...bytes];
}

function u64(value: bigint): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return [...bytes];
}

/** An unsigned transaction with compute budget instructions before a transfer of one SOL to a new account. */
function transferWith(payer: string, budget: readonly number[][]) {
  const transfer = [2, 2, 0, 1, 12, 2, 0, 0, 0, ...u64(1_000_000_000n)];
  const keys = [payer, HASH, SYSTEM_PROGRAM, COMPUTE_BUDGET_PROGRAM].flatMap((key) => [
    ...addressBytes(key)!,
  ]);
  const instructions = budget.flatMap((data) => [3, 0, data.length, ...data]);
  const message = [
    1,
    0,
    2,
    4,
    ...keys,
    ...addressBytes(HASH)!,
    budget.length + 1,
    ...instructions,
    ...transfer,
  ];
  return parseTransaction(Uint8Array.from([1, ...new Array(64).fill(0), ...message]));
}

test.each([
  ['no budget', []],
  ['a limit', [[2, ...u32(1_000)]]],
  [
    'a limit and a price',
    [
      [2, ...u32(1_001)],
      [3, ...u64(1_500_001n)],
    ],
  ],
  ['a price and the default limit', [[3, ...u64(1_000_000n)]]],
  [
    'a price that rounds up',
    [
      [2, ...u32(450)],
      [3, ...u64(1n)],
    ],
  ],
  [
    'a limit over the maximum',
    [
      [2, ...u32(4_000_000)],
      [3, ...u64(1_000n)],
    ],
  ],
])('computes the fee that the virtual machine charges with %s', (_, budget) => {
  const vm = Vm.create();
  const payer = new Faucet('payer').address;
  const lamports = 10_000_000_000n;
  vm.setAccount(payer, { lamports, owner: SYSTEM_PROGRAM, executable: false, data: new Uint8Array() });
  const transaction = transferWith(payer, budget);
  const { error, accountsAfter } = vm.simulate(transaction, { verifySignatures: false });
  expect(error).toBeNull();
  expect(feeOf(transaction.message)).toBe(lamports - 1_000_000_000n - accountsAfter().get(payer)!.lamports);
});
