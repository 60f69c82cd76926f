import { expect, test } from 'vitest';
import type { AccountReader } from '../../ports/account-reader.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import { systemClock } from '../system/clock.ts';
import { createLookupTables } from './lookup-tables.ts';

const PROGRAM = 'AddressLookupTab1e1111111111111111111111111';
const EMPTY = '11111111111111111111111111111111';

/** A table that holds one address of zeros. */
function tableData(): Uint8Array {
  const data = Buffer.alloc(56 + 32);
  data.writeUInt32LE(1, 0);
  data.writeBigUInt64LE(2n ** 64n - 1n, 4);
  return data;
}

/** A node that shows these tables, as long as it answers. */
function nodeWith(...tables: string[]) {
  const asked: (readonly string[])[] = [];
  const shown = new Set(tables);
  const state = { isAway: false };
  const reader: AccountReader = {
    async accounts(addresses) {
      asked.push(addresses);
      if (state.isAway) throw new ChainUnavailable('away');
      const toAccount = (one: string) => (shown.has(one) ? { owner: PROGRAM, data: tableData() } : undefined);
      return { slot: 1n, accounts: addresses.map(toAccount) };
    },
    programAccounts: async () => [],
  };
  return { asked, shown, state, reader };
}

const clock = systemClock;

test('a table is read once and cached', async () => {
  const node = nodeWith('a', 'b');
  const tables = createLookupTables([node.reader], clock);
  expect(await tables.read(['a'])).toEqual([{ address: 'a', addresses: [EMPTY] }]);
  expect((await tables.read(['a', 'b'])).map(({ address }) => address)).toEqual(['a', 'b']);
  expect(node.asked).toEqual([['a'], ['b']]);
});

test('the absence of a table is not cached', async () => {
  const node = nodeWith();
  const tables = createLookupTables([node.reader], clock);
  expect(await tables.read(['a'])).toEqual([]);
  node.shown.add('a');
  expect(await tables.read(['a'])).toHaveLength(1);
});

test('a table is absent only if every node answers and none has it', async () => {
  const [first, second] = [nodeWith('a'), nodeWith('b')];
  const tables = createLookupTables([first.reader, second.reader], clock);
  expect((await tables.read(['a', 'b'])).map(({ address }) => address)).toEqual(['a', 'b']);
  expect(second.asked).toEqual([['b']]);
  expect(await tables.read(['c'])).toEqual([]);
  second.state.isAway = true;
  await expect(tables.read(['c'])).rejects.toThrow(ChainUnavailable);
  expect(await tables.read(['a'])).toHaveLength(1);
});
