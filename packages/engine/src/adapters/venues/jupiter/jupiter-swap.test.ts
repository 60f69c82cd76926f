import { createHash } from 'node:crypto';
import { type Address, getProgramDerivedAddress } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import { SHARED_ACCOUNTS_ROUTE_V2, sharedRoute } from '../../../../test/support/jupiter-route.ts';
import { JUPITER_EVENT_AUTHORITY, JUPITER_PROGRAM, jupiterSwapInspector } from './jupiter-swap.ts';

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const ROUTE = {
  wallet: '2wmVCSfPxGPjrnMMn7rchp4uaeoTqN39mXFC2zhPdri9',
  source: 'So11111111111111111111111111111111111111112',
  destination: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  mintIn: 'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN',
  mintOut: 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263',
  inAmount: 1_000n,
  quotedOut: 2_001n,
  slippageBps: 50,
};
const inspect = (change: Partial<Parameters<typeof sharedRoute>[0]> = {}) =>
  jupiterSwapInspector.inspect(sharedRoute({ ...ROUTE, ...change }));

/** How Anchor names instructions. */
const discriminatorOf = (name: string) =>
  createHash('sha256').update(`global:${name}`).digest('hex').slice(0, 16);

test("the event authority is derived from the program's seed", async () => {
  const programAddress = JUPITER_PROGRAM as Address;
  const [derived] = await getProgramDerivedAddress({ programAddress, seeds: ['__event_authority'] });
  expect(derived).toBe(JUPITER_EVENT_AUTHORITY);
});

describe('shared_accounts_route_v2', () => {
  test('is read from its bytes', () => {
    expect(SHARED_ACCOUNTS_ROUTE_V2).toBe(discriminatorOf('shared_accounts_route_v2'));
    expect(Buffer.from(sharedRoute(ROUTE).data).toString('hex')).toBe(
      `d19853937cfed8e9${'05'}${'e803000000000000'}${'d107000000000000'}${'3200'}${'0000'}${'0000'}010000001e10270001`,
    );
    expect(inspect()).toEqual({
      pool: null,
      tokens: [
        { mint: ROUTE.mintIn, tokenProgram: TOKEN_PROGRAM, vault: null },
        { mint: ROUTE.mintOut, tokenProgram: TOKEN_PROGRAM, vault: null },
      ],
      authority: ROUTE.wallet,
      source: ROUTE.source,
      destination: ROUTE.destination,
      maxIn: 1_000n,
      minOut: 1_990n, // 2001 less 0.5 %, rounded down.
    });
  });

  test('gives at least the quote less the slippage, all of it at 100 %', () => {
    expect(inspect({ slippageBps: 0 })?.minOut).toBe(2_001n);
    expect(inspect({ slippageBps: 10_000 })?.minOut).toBe(0n);
    expect(inspect({ slippageBps: 10_001 })).toBeNull();
  });

  test('is not recognized with a fee for another account', () => {
    expect(inspect({ platformFeeBps: 1 })).toBeNull();
    expect(inspect({ positiveSlippageBps: 1 })).toBeNull();
  });

  test("is not recognized where it passes on the wallet's signature, or names a wrong account", () => {
    const instruction = sharedRoute(ROUTE);
    const { accounts, data } = instruction;
    const wallet = { address: ROUTE.wallet, signer: true, writable: false };
    const other = { address: 'other', signer: false, writable: false };
    for (const changed of [
      { ...instruction, accounts: [...accounts, wallet] },
      { ...instruction, accounts: accounts.with(0, wallet) },
      { ...instruction, accounts: [...accounts, { ...other, signer: true }] },
      { ...instruction, accounts: accounts.with(10, other) },
      { ...instruction, accounts: accounts.with(11, other) },
      { ...instruction, accounts: accounts.slice(0, 11) },
      { ...instruction, data: data.slice(0, 34) },
      { ...instruction, programAddress: 'other' },
    ])
      expect(jupiterSwapInspector.inspect(changed)).toBeNull();
  });
});

test.each([
  ['route_v2', 'signature'],
  ['route', 'signature'],
  ['route_with_token_ledger', 'signature'],
  ['exact_out_route', 'signature'],
  ['exact_out_route_v2', 'signature'],
  ['shared_accounts_route', 'for certain'],
  ['shared_accounts_route_with_token_ledger', 'for certain'],
  ['shared_accounts_exact_out_route', 'for certain'],
  ['shared_accounts_exact_out_route_v2', 'exact output'],
])('%s is read as its named error', (name, reason) => {
  const instruction = sharedRoute({ ...ROUTE, discriminator: discriminatorOf(name) });
  expect(jupiterSwapInspector.inspect(instruction)).toBeNull();
  const refusal = jupiterSwapInspector.refusal!(instruction);
  expect(refusal).toMatch(new RegExp(`^${name}: .*${reason}`));
});

test('an unlisted error code is read as an unnamed refusal', () => {
  expect(jupiterSwapInspector.refusal!(sharedRoute({ ...ROUTE, discriminator: '00'.repeat(8) }))).toBeNull();
});
