import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { INSTRUCTIONS_SYSVAR } from '@oee/solana';
import { type Address, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import { legSwap } from '../leg-swap.suite.ts';
import {
  METEORA_DAMM_V2_AUTHORITY,
  METEORA_DAMM_V2_EVENT_AUTHORITY,
  meteoraSwapInspector,
  meteoraSwapInstruction,
} from './meteora-swap.ts';

const addresses = {
  pool: 'pool',
  mints: ['mint0', 'mint1'],
  vaults: ['vault0', 'vault1'],
  tokenPrograms: ['program0', 'program1'],
  hasRateLimiter: false,
} as const;

test("the authorities are derived from the program's seeds", async () => {
  const programAddress = METEORA_DAMM_V2_PROGRAM as Address;
  const derive = async (seed: string) =>
    (await getProgramDerivedAddress({ programAddress, seeds: [seed] }))[0];
  expect(await derive('pool_authority')).toBe(METEORA_DAMM_V2_AUTHORITY);
  expect(await derive('__event_authority')).toBe(METEORA_DAMM_V2_EVENT_AUTHORITY);
});

test('lists tokens in the order of the pool, and the paying account first', () => {
  const list = (mintIn: string, mintOut: string) =>
    meteoraSwapInstruction(addresses, legSwap(mintIn, mintOut, 'exactIn'))
      .accounts.map(({ address }) => address)
      .slice(1, 11);
  const expected = [
    'pool',
    'in',
    'out',
    'vault0',
    'vault1',
    'mint0',
    'mint1',
    'payer',
    'program0',
    'program1',
  ];
  expect(list('mint0', 'mint1')).toEqual(expected);
  expect(list('mint1', 'mint0')).toEqual(expected);
});

test('shows the whole transaction to a pool with a rate limiter', () => {
  const limited = { ...addresses, hasRateLimiter: true };
  const instruction = meteoraSwapInstruction(limited, legSwap('mint0', 'mint1', 'exactIn'));
  expect(instruction.accounts.at(-1)?.address).toBe(INSTRUCTIONS_SYSVAR);
  expect(meteoraSwapInspector.inspect(instruction)).not.toBeNull();
});

test.each([
  ['exactIn', '414b3f4ceb5b5b88e803000000000000d00700000000000000'],
  ['partialFill', '414b3f4ceb5b5b88e803000000000000d00700000000000001'],
  ['exactOut', '414b3f4ceb5b5b88d007000000000000e80300000000000002'],
] as const)('writes %s as the program reads it', (swapMode, hex) => {
  const { data } = meteoraSwapInstruction(addresses, legSwap('mint0', 'mint1', swapMode));
  expect(Buffer.from(data).toString('hex')).toBe(hex);
});

test.each(['exactIn', 'partialFill', 'exactOut'] as const)(
  'is understood by its own inspector: %s',
  (swapMode) => {
    const instruction = meteoraSwapInstruction(addresses, legSwap('mint1', 'mint0', swapMode));
    expect(meteoraSwapInspector.inspect(instruction)).toEqual({
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
      ...(swapMode === 'partialFill' && { mayFillInPart: true }),
    });
  },
);

test('does not understand a referral, an unknown mode or a longer list', () => {
  const instruction = meteoraSwapInstruction(addresses, legSwap('mint0', 'mint1', 'exactIn'));
  const other = { address: 'other', signer: false, writable: true };
  expect(
    meteoraSwapInspector.inspect({ ...instruction, accounts: instruction.accounts.with(11, other) }),
  ).toBeNull();
  expect(
    meteoraSwapInspector.inspect({ ...instruction, accounts: [...instruction.accounts, other] }),
  ).toBeNull();
  const data = Uint8Array.from(instruction.data);
  data[24] = 3;
  expect(meteoraSwapInspector.inspect({ ...instruction, data })).toBeNull();
});
