import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import { type Address, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import { legSwap } from '../leg-swap.suite.ts';
import { ammV4SwapInspector, ammV4SwapInstruction, RAYDIUM_AMM_V4_AUTHORITY } from './amm-v4-swap.ts';

const addresses = { pool: 'pool', mints: ['coin', 'pc'], vaults: ['coinVault', 'pcVault'] } as const;

test("the authority is derived from the program's seed", async () => {
  const programAddress = RAYDIUM_AMM_V4_PROGRAM as Address;
  const [derived] = await getProgramDerivedAddress({ programAddress, seeds: ['amm authority'] });
  expect(derived).toBe(RAYDIUM_AMM_V4_AUTHORITY);
});

test.each([
  ['coin', 'pc'],
  ['pc', 'coin'],
])('lists the eight accounts of the program, coin vault first, from %s to %s', (mintIn, mintOut) => {
  const { accounts, programAddress } = ammV4SwapInstruction(addresses, legSwap(mintIn, mintOut, 'exactIn'));
  expect(programAddress).toBe('675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8');
  expect(accounts.map(({ address }) => address)).toEqual([
    TOKEN_PROGRAM,
    'pool',
    RAYDIUM_AMM_V4_AUTHORITY,
    'coinVault',
    'pcVault',
    'in',
    'out',
    'payer',
  ]);
  const flags = accounts.map(({ signer, writable }) => (signer ? 's' : writable ? 'w' : '-')).join('');
  expect(flags).toBe('-w-wwwws');
});

test.each([
  ['exactIn', '10e803000000000000d007000000000000'],
  ['partialFill', '10e803000000000000d007000000000000'], // All or nothing: it has no other.
  ['exactOut', '11e803000000000000d007000000000000'],
] as const)('writes %s as the program reads it', (swapMode, hex) => {
  const { data } = ammV4SwapInstruction(addresses, legSwap('coin', 'pc', swapMode));
  expect(Buffer.from(data).toString('hex')).toBe(hex);
});

test('is understood by its own inspector, and nothing else is', () => {
  const instruction = ammV4SwapInstruction(addresses, legSwap('pc', 'coin', 'exactOut'));
  expect(ammV4SwapInspector.inspect(instruction)).toEqual({
    pool: 'pool',
    tokens: null,
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
    { ...instruction, accounts: accounts.with(0, other) },
    { ...instruction, accounts: accounts.slice(1) },
    { ...instruction, accounts: [...accounts, other] },
    { ...instruction, data: data.slice(1) },
    { ...instruction, data: Uint8Array.from(data).fill(9, 0, 1) }, // The older form, with an order book.
    { ...instruction, data: Uint8Array.from(data).fill(4, 0, 1) }, // A withdrawal of liquidity.
  ])
    expect(ammV4SwapInspector.inspect(changed)).toBeNull();
});
