import { expect, test } from 'vitest';
import { createSeededKeypair } from '../market/keypair.ts';
import { NO_ACCOUNT, Vm } from './vm.ts';
import { sortImage } from './vm-image.ts';

const addresses = Array.from({ length: 50 }, (_, index) => createSeededKeypair('image', `${index}`).address);
const account = (index: number) => ({
  ...NO_ACCOUNT,
  lamports: BigInt(1_000_000 + index),
  data: new Uint8Array(index),
});

function machine(order: readonly number[]): Vm {
  const vm = Vm.create();
  for (const index of order) vm.setAccount(addresses[index]!, account(index));
  return vm;
}

test('machines with the same accounts have the same image, whatever the order of loading', () => {
  const order = addresses.map((_, index) => index);
  const image = Buffer.from(machine(order).toBytes());
  expect(image.equals(machine([...order].reverse()).toBytes())).toBe(true);
  expect(image.equals(machine(order.slice(1)).toBytes())).toBe(false);
});

test('a machine that is loaded from an image has every account, and gives the same image', () => {
  const image = machine(addresses.map((_, index) => index)).toBytes();
  const vm = Vm.fromBytes(image);
  for (const [index, address] of addresses.entries()) expect(vm.account(address)).toEqual(account(index));
  expect(Buffer.from(vm.toBytes()).equals(image)).toBe(true);
});

test('an image of another layout is refused rather than scrambled', () => {
  const image = Buffer.from(Vm.create().toBytes());
  image[0] = 5;
  expect(() => sortImage(image)).toThrow('has layout 5, not 4');
  image[0] = 4;
  image.writeBigUInt64LE(2n ** 60n, 1);
  expect(() => sortImage(image)).toThrow('another layout');
  expect(() => sortImage(Vm.create().toBytes().subarray(0, 5_000))).toThrow('another layout');
});
