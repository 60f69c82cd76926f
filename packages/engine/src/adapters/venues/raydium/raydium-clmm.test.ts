import { RAYDIUM_CLMM_PROGRAM, type RaydiumClmmPool } from '@oee/amm';
import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { expect, test } from 'vitest';
import {
  clmmConfigData,
  clmmExtensionData,
  clmmPoolData,
  clmmTickArrayData,
} from '../../../../test/support/raydium-accounts.ts';
import { raydiumClmm } from './raydium-clmm.ts';

const POOL = '3ucNos4NbumPLZNWztqGHNFFgkHeRMBQAVemeeomsUxv';
const WIDTH = 60;

async function derived(seed: string, index: Uint8Array = new Uint8Array()): Promise<string> {
  const programAddress = RAYDIUM_CLMM_PROGRAM as Address;
  const pool = getAddressEncoder().encode(POOL as Address);
  const [address] = await getProgramDerivedAddress({ programAddress, seeds: [seed, pool, index] });
  return address;
}

const arrayAt = (startTick: number) => {
  const index = Buffer.alloc(4);
  index.writeInt32BE(startTick);
  return derived('tick_array', index);
};

const nothing = async () => undefined;
const startsIn = ({ tickArrays }: { tickArrays: readonly { startTick: number }[] }) =>
  tickArrays.map(({ startTick }) => startTick);

test('names the tick array at the price and the next two each way, at the addresses that the program derives', async () => {
  const data = clmmPoolData({ tickSpacing: 1, tick: -7, arrays: [-600, -300, -120, -60, 60, 120, 240] });
  const addresses = await raydiumClmm.addressesOf(POOL, data, nothing);
  expect(startsIn(addresses)).toEqual([-300, -120, -60, 60, 120]);
  expect(addresses.tickArrays[2]?.address).toBe(await arrayAt(-60));
  expect(addresses.bitmapExtension).toBeNull();
});

test('finds far arrays in the extension, and asks for it only where spacings are small', async () => {
  const far = [-92_160, -61_440, -30_780, 30_720, 30_780, 61_440];
  const extension = await derived('pool_tick_array_bitmap_extension');
  const read = async (address: string) => (address === extension ? clmmExtensionData(1, far) : undefined);
  const data = clmmPoolData({ tickSpacing: 1, tick: 30_790, arrays: [30_660] });
  const addresses = await raydiumClmm.addressesOf(POOL, data, read);
  expect(addresses.bitmapExtension).toBe(extension);
  expect(startsIn(addresses)).toEqual([30_660, 30_720, 30_780, 61_440]);

  const low = clmmPoolData({ tickSpacing: 1, tick: -61_441, arrays: [] });
  expect(startsIn(await raydiumClmm.addressesOf(POOL, low, read))).toEqual([-92_160, -61_440, -30_780]);

  const wide = clmmPoolData({ tickSpacing: 60, tick: 0, arrays: [0] });
  const refuse = () => Promise.reject(new Error('not to be asked'));
  expect((await raydiumClmm.addressesOf(POOL, wide, refuse)).bitmapExtension).toBeNull();
});

test('quotes no tick behind an array that a transaction would not name', async () => {
  const known = clmmPoolData({ tickSpacing: 1, tick: 30, arrays: [-60, 0, 60, 120] });
  const addresses = await raydiumClmm.addressesOf(POOL, known, nothing);
  const accounts = new Map<string, Uint8Array>([[addresses.ammConfig, clmmConfigData(500)]]);
  for (const { startTick, address } of addresses.tickArrays)
    accounts.set(
      address,
      clmmTickArrayData({ spacing: 1, startTick, ticks: [{ tick: startTick + 7, net: 1n, gross: 1n }] }),
    );
  const ticksWith = (tick: number, arrays: readonly number[]) => {
    const data = (address: string) =>
      address === POOL
        ? clmmPoolData({ tickSpacing: 1, tick, arrays })
        : (accounts.get(address) as Uint8Array);
    const { pool } = raydiumClmm.read(addresses, { data, vaultAmounts: [0n, 0n] });
    return (pool as RaydiumClmmPool).ticks.map(({ tick: at }) => Math.floor(at / WIDTH) * WIDTH);
  };
  expect(ticksWith(30, [-60, 0, 60, 120])).toEqual([-60, 0, 60, 120]);
  expect(ticksWith(200, [-60, 0, 60, 120])).toEqual([-60, 0, 60, 120]);
  // Arrays that were initialized after the search for pools.
  expect(ticksWith(30, [-120, -60, 0, 60, 120, 180])).toEqual([-60, 0, 60, 120]);
  expect(ticksWith(200, [-60, 0, 60, 120, 180])).toEqual([]);
  expect(ticksWith(150, [-60, 0, 60, 120])).toEqual([-60, 0, 60, 120]);
  expect(ticksWith(-90, [-120, -60, 0, 60, 120])).toEqual([]);
});
