import { METEORA_DLMM_PROGRAM } from '@oee/amm';
import { MEMO_PROGRAM } from '@oee/solana';
import { type Address, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import { legSwap } from '../leg-swap.suite.ts';
import { dlmmSwapInspector, dlmmSwapInstruction, METEORA_DLMM_EVENT_AUTHORITY } from './dlmm-swap.ts';

const addresses = {
  pool: 'pool',
  mints: ['mint0', 'mint1'],
  vaults: ['vault0', 'vault1'],
  tokenPrograms: ['program0', 'program1'],
  oracle: 'oracle',
  bitmapExtension: null,
  binArrays: [
    { index: 0, address: 'array0' },
    { index: 1, address: 'array1' },
  ],
} as const;

test("the authority is derived from the program's seed", async () => {
  const programAddress = METEORA_DLMM_PROGRAM as Address;
  const [derived] = await getProgramDerivedAddress({ programAddress, seeds: ['__event_authority'] });
  expect(derived).toBe(METEORA_DLMM_EVENT_AUTHORITY);
});

test('lists its accounts in the order of the interface, bin arrays last', () => {
  const { accounts } = dlmmSwapInstruction(addresses, legSwap('mint1', 'mint0', 'exactIn'));
  expect(accounts.map(({ address }) => address)).toEqual([
    'pool',
    METEORA_DLMM_PROGRAM,
    'vault0',
    'vault1',
    'in',
    'out',
    'mint0',
    'mint1',
    'oracle',
    METEORA_DLMM_PROGRAM,
    'payer',
    'program0',
    'program1',
    MEMO_PROGRAM,
    METEORA_DLMM_EVENT_AUTHORITY,
    METEORA_DLMM_PROGRAM,
    'array0',
    'array1',
  ]);
  const flags = accounts.map(({ signer, writable }) => (signer ? 's' : writable ? 'w' : '-')).join('');
  expect(flags).toBe('w-wwww--w-s-----ww');
});

test.each([
  ['exactIn', '414b3f4ceb5b5b88e803000000000000d00700000000000000000000'],
  ['partialFill', '414b3f4ceb5b5b88e803000000000000d00700000000000000000000'], // All or nothing: it has no other.
  ['exactOut', '2bd7f784893cf351e803000000000000d00700000000000000000000'],
] as const)('writes %s as the program reads it', (swapMode, hex) => {
  const { data } = dlmmSwapInstruction(addresses, legSwap('mint0', 'mint1', swapMode));
  expect(Buffer.from(data).toString('hex')).toBe(hex);
});

test('is understood by its own inspector, and nothing else is', () => {
  const instruction = dlmmSwapInstruction(addresses, legSwap('mint1', 'mint0', 'exactOut'));
  expect(dlmmSwapInspector.inspect(instruction)).toEqual({
    pool: 'pool',
    tokens: [
      { mint: 'mint0', tokenProgram: 'program0', vault: 'vault0' },
      { mint: 'mint1', tokenProgram: 'program1', vault: 'vault1' },
    ],
    authority: 'payer',
    source: 'in',
    destination: 'out',
    maxIn: 1_000n,
    minOut: 2_000n,
  });
  const { accounts, data } = instruction;
  const other = { address: 'other', signer: false, writable: true };
  for (const changed of [
    { ...instruction, programAddress: 'other' },
    { ...instruction, accounts: accounts.with(9, other) }, // A host fee.
    { ...instruction, accounts: accounts.slice(0, 16) },
    { ...instruction, data: data.slice(1) },
    { ...instruction, data: Uint8Array.from(data).fill(1, 24, 25) },
  ])
    expect(dlmmSwapInspector.inspect(changed)).toBeNull();
});
