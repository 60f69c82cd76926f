import { expect, test } from 'vitest';
import { computeUnitPrice, contendedAccounts } from '../src/execution/building/compute-unit-price.ts';
import type { Instruction } from '../src/ports/chain.ts';
import { createWorld } from './support/world.ts';

const LIMITS = { computeUnitPriceMicroLamports: 100n, maxComputeUnitPriceMicroLamports: 1_000n };

const instruction = (...accounts: [address: string, writable: boolean][]): Instruction => ({
  programAddress: 'program',
  accounts: accounts.map(([address, writable]) => ({ address, writable, signer: false })),
  data: new Uint8Array(),
});

/** The price that is offered where the chain says this of the accounts. */
async function priceWhere(recent: () => Promise<bigint>, limits: Partial<typeof LIMITS> = {}) {
  const { engine, hooks } = await createWorld({
    limits: { ...LIMITS, ...limits },
    recentComputeUnitPrice: recent,
  });
  const price = await computeUnitPrice(engine, ['a', 'c']);
  return { price, asked: hooks.chain.calls('recentComputeUnitPrice') };
}

test.each([
  ['half above the recent price, rounded up', 101n, 152n],
  ['the configured price where that is more', 66n, 100n],
  ['the configured price where that is the same', 50n, 100n],
  ['the ceiling at most', 700n, 1_000n],
])('the offered price of a compute unit is %s', async (_, recent, price) => {
  expect((await priceWhere(async () => recent)).price).toBe(price);
});

test('the price is asked for the accounts that others write too', async () => {
  expect((await priceWhere(async () => 0n)).asked).toEqual([[['a', 'c']]]);
});

test("contended accounts are the written ones without the wallet's own, each once", () => {
  const instructions = [
    instruction(['a', true], ['b', false], ['wallet', true]),
    instruction(['a', true], ['c', true]),
  ];
  expect(contendedAccounts(instructions, new Set(['wallet', 'b']))).toEqual(['a', 'c']);
});

test('orders that write the same accounts share a price for four seconds', async () => {
  let price = 0n;
  const { clock, engine, hooks } = await createWorld({
    limits: LIMITS,
    recentComputeUnitPrice: async () => (price += 200n),
  });
  const { slots } = engine.market.time;
  const offered = [['a', 'c'], ['c', 'a'], ['b']].map((accounts) => computeUnitPrice(engine, accounts));
  expect(await Promise.all(offered)).toEqual([300n, 300n, 600n]);
  slots.judge([slots.newest + 1n], engine.clock.moment());
  expect(await computeUnitPrice(engine, ['a', 'c'])).toBe(300n);
  await clock.advance(4_000);
  expect(await computeUnitPrice(engine, ['a', 'c'])).toBe(900n);
  expect(hooks.chain.calls('recentComputeUnitPrice')).toHaveLength(3);
});

test('the configured price is offered where no node answers, and where it is the ceiling', async () => {
  expect((await priceWhere(() => Promise.reject(new Error('away')))).price).toBe(100n);
  const most = await priceWhere(async () => 700n, { maxComputeUnitPriceMicroLamports: 100n });
  expect(most).toEqual({ price: 100n, asked: [] });
  const { engine } = await createWorld({ limits: LIMITS });
  expect(await computeUnitPrice(engine, ['a'])).toBe(100n);
});
