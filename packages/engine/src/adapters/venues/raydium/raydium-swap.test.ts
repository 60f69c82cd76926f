import { RAYDIUM_CPMM_PROGRAM } from '@oee/amm';
import { type Address, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import { legSwap } from '../leg-swap.suite.ts';
import { RAYDIUM_CPMM_AUTHORITY, raydiumSwapInspector, raydiumSwapInstruction } from './raydium-swap.ts';

const addresses = {
  pool: 'pool',
  ammConfig: 'config',
  observation: 'observation',
  mints: ['mint0', 'mint1'],
  vaults: ['vault0', 'vault1'],
  tokenPrograms: ['program0', 'program1'],
} as const;

test("the authority is derived from the program's seed", async () => {
  const programAddress = RAYDIUM_CPMM_PROGRAM as Address;
  const [derived] = await getProgramDerivedAddress({
    programAddress,
    seeds: ['vault_and_lp_mint_auth_seed'],
  });
  expect(derived).toBe(RAYDIUM_CPMM_AUTHORITY);
});

test('lists the input side first, whichever token of the pool it is', () => {
  const list = (mintIn: string, mintOut: string) =>
    raydiumSwapInstruction(addresses, legSwap(mintIn, mintOut, 'exactIn'))
      .accounts.map(({ address }) => address)
      .slice(6, 12);
  expect(list('mint0', 'mint1')).toEqual(['vault0', 'vault1', 'program0', 'program1', 'mint0', 'mint1']);
  expect(list('mint1', 'mint0')).toEqual(['vault1', 'vault0', 'program1', 'program0', 'mint1', 'mint0']);
});

test.each([
  ['exactIn', '8fbe5adac41e33dee803000000000000d007000000000000'],
  ['partialFill', '8fbe5adac41e33dee803000000000000d007000000000000'], // All or nothing: it has no other.
  ['exactOut', '37d96256a34ab4ade803000000000000d007000000000000'],
] as const)('writes %s as the program reads it', (swapMode, hex) => {
  const { data } = raydiumSwapInstruction(addresses, legSwap('mint0', 'mint1', swapMode));
  expect(Buffer.from(data).toString('hex')).toBe(hex);
});

test('is understood by its own inspector', () => {
  const instruction = raydiumSwapInstruction(addresses, legSwap('mint1', 'mint0', 'exactOut'));
  expect(raydiumSwapInspector.inspect(instruction)).toEqual({
    pool: 'pool',
    tokens: [
      { mint: 'mint1', tokenProgram: 'program1', vault: 'vault1' },
      { mint: 'mint0', tokenProgram: 'program0', vault: 'vault0' },
    ],
    authority: 'payer',
    source: 'in',
    destination: 'out',
    maxIn: 1_000n,
    minOut: 2_000n,
  });
  expect(
    raydiumSwapInspector.inspect({ ...instruction, accounts: instruction.accounts.slice(1) }),
  ).toBeNull();
  expect(raydiumSwapInspector.inspect({ ...instruction, data: instruction.data.slice(1) })).toBeNull();
  expect(raydiumSwapInspector.inspect({ ...instruction, programAddress: 'other' })).toBeNull();
});
