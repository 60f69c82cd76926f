import { readFileSync } from 'node:fs';
import { METEORA_DLMM_PROGRAM, type MeteoraDlmmPool } from '@oee/amm';
import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import {
  dlmmBinArrayData,
  dlmmExtensionData,
  dlmmPoolData,
} from '../../../../test/support/meteora-accounts.ts';
import { legSwap } from '../leg-swap.suite.ts';
import { meteoraDlmm } from './meteora-dlmm.ts';

const POOL = '3ucNos4NbumPLZNWztqGHNFFgkHeRMBQAVemeeomsUxv';

async function derived(seed: string, index: Uint8Array = new Uint8Array()): Promise<string> {
  const programAddress = METEORA_DLMM_PROGRAM as Address;
  const pool = getAddressEncoder().encode(POOL as Address);
  const [address] = await getProgramDerivedAddress({ programAddress, seeds: [seed, pool, index] });
  return address;
}

const nothing = async () => undefined;
type Addresses = Awaited<ReturnType<typeof meteoraDlmm.addressesOf>>;
const indexesIn = ({ binArrays }: Addresses) => binArrays.map(({ index }) => index);

/** The bin arrays that a swap in this direction names, by their index. */
function namedBy(addresses: Addresses, isFalling: boolean, activeId?: number): (number | undefined)[] {
  const [x, y] = addresses.mints;
  const swap = isFalling ? legSwap(x, y, 'exactIn') : legSwap(y, x, 'exactIn');
  const pool = activeId === undefined ? undefined : ({ activeId } as MeteoraDlmmPool);
  const { accounts } = meteoraDlmm.swapInstruction({ ...addresses, mints: [x, y] }, swap, pool);
  const indexOf = new Map(addresses.binArrays.map(({ index, address }) => [address, index]));
  return accounts.slice(16).map(({ address }) => indexOf.get(address));
}

async function addressesOf(activeId: number, arrays: readonly number[]): Promise<Addresses> {
  const found = await meteoraDlmm.addressesOf(POOL, dlmmPoolData({ activeId, arrays }), nothing);
  return { ...found, mints: ['x', 'y'] };
}

test('reads the bin array at the price and the next two each way, at the addresses that the program derives', async () => {
  const addresses = await addressesOf(-7, [-9, -4, -2, -1, 1, 2, 7]);
  expect(indexesIn(addresses)).toEqual([-4, -2, -1, 1, 2]);
  const seed = Buffer.alloc(8);
  seed.writeBigInt64LE(-1n);
  expect(addresses.binArrays[2]?.address).toBe(await derived('bin_array', seed));
  expect(addresses.bitmapExtension).toBeNull();
});

test('finds far arrays in the extension, and asks for it only where they may be near', async () => {
  const far = [-1_025, -700, -514, -513, 512, 513, 1_024];
  const extension = await derived('bitmap');
  const read = async (address: string) => (address === extension ? dlmmExtensionData(far) : undefined);
  const at = (index: number) => dlmmPoolData({ activeId: index * 70, arrays: [-512, 511] });
  const high = await meteoraDlmm.addressesOf(POOL, at(513), read);
  expect(high.bitmapExtension).toBe(extension);
  expect(indexesIn(high)).toEqual([511, 512, 513, 1_024]);
  expect(meteoraDlmm.moreAccounts(high)).toContain(extension);
  const { accounts } = meteoraDlmm.swapInstruction(high, legSwap('x', 'y', 'exactIn'));
  expect(accounts[1]).toEqual({ address: extension, signer: false, writable: true });

  expect(indexesIn(await meteoraDlmm.addressesOf(POOL, at(-514), read))).toEqual([
    -1_025, -700, -514, -513, -512,
  ]);
  const refuse = () => Promise.reject(new Error('not to be asked'));
  expect((await meteoraDlmm.addressesOf(POOL, at(0), refuse)).bitmapExtension).toBeNull();
});

test("names the arrays in an order that mainnet's program serves", async () => {
  const { pool, vectors } = JSON.parse(
    readFileSync(
      new URL('../../../../../devnet/test/vectors/meteora-dlmm-arrays.json', import.meta.url),
      'utf8',
    ),
  );
  const addresses = await addressesOf(pool.activeId, [-3, -2, -1, 0, 1, 2]);
  for (const isFalling of [true, false]) {
    const named = namedBy(addresses, isFalling, pool.activeId);
    const outcomes = vectors.filter(
      (vector: { isXToY: boolean; arrays: number[] }) =>
        vector.isXToY === isFalling && vector.arrays.join() === named.join(),
    );
    expect(outcomes.filter(({ amountOut }: { amountOut?: string }) => amountOut)).toHaveLength(2);
    expect(namedBy(addresses, isFalling)).toEqual(named);
  }
});

test('follows the price: one array behind it, and those that a quote counts ahead', async () => {
  const addresses = await addressesOf(5, [-2, -1, 0, 1, 2]);
  expect(namedBy(addresses, true, 75)).toEqual([2, 1, 0, -1]);
  expect(namedBy(addresses, true, 145)).toEqual([2, 1, 0]);
  expect(namedBy(addresses, true, -135)).toEqual([-1, -2]);
  expect(namedBy(addresses, true, -205)).toEqual([-2]);
  expect(namedBy(addresses, false, -65)).toEqual([-2, -1, 0, 1]);
  expect(namedBy(addresses, false, 145)).toEqual([1, 2]);
});

test('quotes no bin behind an array that a transaction would not name', async () => {
  const addresses = await addressesOf(5, [-2, -1, 0, 1, 2]);
  const accounts = new Map(
    addresses.binArrays.map(({ index, address }) => [address, dlmmBinArrayData(index)]),
  );
  const arraysWith = (activeId: number, arrays: readonly number[]) => {
    const data = (address: string) =>
      address === POOL ? dlmmPoolData({ activeId, arrays }) : (accounts.get(address) as Uint8Array);
    const { pool } = meteoraDlmm.read(addresses, { data, vaultAmounts: [0n, 0n] });
    return (pool as MeteoraDlmmPool).bins.map(({ id }) => id / 70);
  };
  expect(arraysWith(5, [-2, -1, 0, 1, 2])).toEqual([-2, -1, 0, 1, 2]);
  expect(arraysWith(145, [-2, -1, 0, 1, 2])).toEqual([0, 1, 2]);
  // Arrays that were initialized after the search for pools, and a price beyond the earlier ones.
  expect(arraysWith(5, [-2, -1, 0, 1, 2, 3])).toEqual([-2, -1, 0, 1, 2]);
  expect(arraysWith(215, [-2, -1, 0, 1, 2, 3])).toEqual([]);
  expect(arraysWith(285, [-2, -1, 0, 1, 2])).toEqual([0, 1, 2]);
});
