import { MEMO_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { expect, test } from 'vitest';
import { legSwap } from '../leg-swap.suite.ts';
import { type ClmmPoolAddresses, clmmSwapInspector, clmmSwapInstruction } from './clmm-swap.ts';

const addresses: ClmmPoolAddresses = {
  pool: 'pool',
  ammConfig: 'config',
  observation: 'observation',
  mints: ['mint0', 'mint1'],
  vaults: ['vault0', 'vault1'],
  bitmapExtension: null,
  tickArrays: [-3_600, 0, 3_600].map((startTick) => ({ startTick, address: `array${startTick}` })),
};

test.each([
  ['mint0', 'mint1', ['vault0', 'vault1'], ['array3600', 'array0', 'array-3600']],
  ['mint1', 'mint0', ['vault1', 'vault0'], ['array-3600', 'array0', 'array3600']],
] as const)(
  'lists its accounts in the order of swap_v2 from %s to %s, tick arrays as the price passes them',
  (mintIn, mintOut, vaults, arrays) => {
    const { accounts, programAddress } = clmmSwapInstruction(addresses, legSwap(mintIn, mintOut, 'exactIn'));
    expect(programAddress).toBe('CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK');
    expect(accounts.map(({ address }) => address)).toEqual([
      'payer',
      'config',
      'pool',
      'in',
      'out',
      ...vaults,
      'observation',
      TOKEN_PROGRAM,
      TOKEN_2022_PROGRAM,
      MEMO_PROGRAM,
      mintIn,
      mintOut,
      ...arrays,
    ]);
    const flags = accounts.map(({ signer, writable }) => (signer ? 's' : writable ? 'w' : '-')).join('');
    expect(flags).toBe('s-wwwwww-----www');
  },
);

test('names the bitmap extension before the tick arrays where there is one', () => {
  const withExtension = { ...addresses, bitmapExtension: 'extension' };
  const { accounts } = clmmSwapInstruction(withExtension, legSwap('mint0', 'mint1', 'exactIn'));
  expect(accounts[13]).toEqual({ address: 'extension', signer: false, writable: true });
  expect(accounts[14]?.address).toBe('array3600');
});

// Discriminator, amount, the other amount's limit, no limit of the price, and which side is exact.
test.each([
  ['exactIn', `2b04ed0b1ac91e62${'e803000000000000'}${'d007000000000000'}${'00'.repeat(16)}01`],
  ['partialFill', `2b04ed0b1ac91e62${'e803000000000000'}${'d007000000000000'}${'00'.repeat(16)}01`], // All or nothing: it has no other.
  ['exactOut', `2b04ed0b1ac91e62${'d007000000000000'}${'e803000000000000'}${'00'.repeat(16)}00`],
] as const)('writes %s as the program reads it', (swapMode, hex) => {
  const { data } = clmmSwapInstruction(addresses, legSwap('mint0', 'mint1', swapMode));
  expect(Buffer.from(data).toString('hex')).toBe(hex);
});

test('is understood by its own inspector, and nothing else is', () => {
  for (const swapMode of ['exactIn', 'exactOut'] as const)
    expect(
      clmmSwapInspector.inspect(clmmSwapInstruction(addresses, legSwap('mint1', 'mint0', swapMode))),
    ).toEqual({
      pool: 'pool',
      tokens: [
        { mint: 'mint1', tokenProgram: null, vault: 'vault1' },
        { mint: 'mint0', tokenProgram: null, vault: 'vault0' },
      ],
      authority: 'payer',
      source: 'in',
      destination: 'out',
      maxIn: 1_000n,
      minOut: 2_000n,
    });
  const instruction = clmmSwapInstruction(addresses, legSwap('mint1', 'mint0', 'exactIn'));
  const { accounts, data } = instruction;
  const other = { address: 'other', signer: false, writable: true };
  for (const changed of [
    { ...instruction, programAddress: 'other' },
    { ...instruction, accounts: accounts.with(8, other) },
    { ...instruction, accounts: accounts.with(9, other) },
    { ...instruction, accounts: accounts.with(10, other) },
    { ...instruction, accounts: accounts.slice(0, 13) },
    { ...instruction, data: data.slice(1) },
    { ...instruction, data: Uint8Array.from(data).fill(1, 0, 1) },
    { ...instruction, data: Uint8Array.from(data).fill(1, 24, 25) }, // A limit of the price.
    { ...instruction, data: Uint8Array.from(data).fill(1, 39, 40) },
    { ...instruction, data: Uint8Array.from(data).fill(2, 40, 41) },
  ])
    expect(clmmSwapInspector.inspect(changed)).toBeNull();
});
