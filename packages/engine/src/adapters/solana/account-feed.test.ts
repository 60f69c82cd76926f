import { describe, expect, test } from 'vitest';
import { momentOf } from '../../domain/moment.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import { createAccountFeed } from './account-feed.ts';

/** After every read that can end has ended. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A chain in memory whose slot, time and trouble the test decides. */
function world() {
  const state = {
    slot: 10n,
    nowMs: 0,
    calls: [] as string[][],
    slots: [] as bigint[],
    isDown: false,
    hangs: false,
  };
  const listeners = new Set<(slot: bigint) => void>();
  const reader: AccountReader = {
    async accounts(addresses) {
      state.calls.push([...addresses]);
      if (state.hangs) return new Promise(() => undefined);
      const slot = state.slots.shift() ?? state.slot;
      await Promise.resolve();
      if (state.isDown) throw new ChainUnavailable('down');
      const accounts = addresses.map((address) =>
        address === 'missing'
          ? undefined
          : { data: new TextEncoder().encode(`${address}@${slot}`), owner: 'o' },
      );
      return { slot, accounts };
    },
    programAccounts: () => Promise.reject(new Error('not asked here')),
  };
  const feed = createAccountFeed({
    reader,
    clock: { moment: () => momentOf(state.nowMs) },
    onSlot: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const nextSlot = async () => {
    state.slot += 1n;
    for (const listener of listeners) listener(state.slot);
    await Promise.resolve();
  };
  const shown = async (address: string) => new TextDecoder().decode((await feed.snapshot()).data(address));
  return { state, feed, nextSlot, shown };
}

test('reads accounts once per slot, however many callers ask', async () => {
  const { state, feed } = world();
  feed.watch(['a', 'missing']);
  const snapshots = await Promise.all(Array.from({ length: 50 }, () => feed.snapshot()));
  expect(new Set(snapshots).size).toBe(1);
  await feed.snapshot();
  expect(state.calls).toHaveLength(1);
  expect(new TextDecoder().decode(snapshots[0]?.data('a'))).toBe('a@10');
  expect(snapshots[0]?.data('missing')).toBeUndefined();
});

describe('at a new slot', () => {
  test('the feed reads by itself, so that a caller finds the accounts', async () => {
    const { state, feed, nextSlot, shown } = world();
    feed.watch(['a']);
    for (let slot = 11; slot < 14; slot += 1) {
      await nextSlot();
      await settled();
      expect([state.calls.length, await shown('a')]).toEqual([slot - 10, `a@${slot}`]);
    }
    expect(state.calls).toHaveLength(3);
  });

  test('a caller who comes during the read gets the accounts of one slot before, at once', async () => {
    const { state, feed, nextSlot, shown } = world();
    feed.watch(['a']);
    await nextSlot();
    await settled();
    state.hangs = true;
    await nextSlot();
    expect(await shown('a')).toBe('a@11');
  });

  test('a caller waits where the accounts are two slots old', async () => {
    const { state, feed, nextSlot, shown } = world();
    feed.watch(['a']);
    await feed.snapshot();
    state.isDown = true;
    await nextSlot();
    await settled();
    await nextSlot();
    await settled();
    state.isDown = false;
    expect(await shown('a')).toBe('a@12');
  });

  test('no second read begins beside one that is under way', async () => {
    const { state, feed, nextSlot } = world();
    feed.watch(['a']);
    state.hangs = true;
    await nextSlot();
    await nextSlot();
    expect(state.calls).toHaveLength(1);
    state.nowMs += 1_000;
    await nextSlot();
    expect(state.calls).toHaveLength(2);
  });

  test('nothing is read while no account is watched', async () => {
    const { state, nextSlot } = world();
    await nextSlot();
    expect(state.calls).toEqual([]);
  });

  test('a slot that the chain has not reached keeps no later one from being read', async () => {
    const { state, feed, nextSlot, shown } = world();
    feed.watch(['a']);
    state.slot = 1_000n;
    state.slots = [10n];
    await nextSlot();
    await settled();
    state.slot = 10n;
    await nextSlot();
    await settled();
    expect(await shown('a')).toBe('a@11');
    expect(state.calls).toHaveLength(2);
  });
});

test('reads again after two slots without a notification', async () => {
  const { state, feed } = world();
  feed.watch(['a']);
  await feed.snapshot();
  state.slot += 1n;
  state.nowMs += 799;
  expect((await feed.snapshot()).slot).toBe(10n);
  state.nowMs += 1;
  expect((await feed.snapshot()).slot).toBe(11n);
});

test('reads once from a node that announces a slot before its accounts have it', async () => {
  const { state, feed, nextSlot } = world();
  feed.watch(['a']);
  state.slots = [10n];
  await nextSlot();
  expect((await feed.snapshot()).slot).toBe(10n);
  await feed.snapshot();
  expect(state.calls).toHaveLength(1);
});

test('a read that hangs does not delay a caller who asks a second later', async () => {
  const { state, feed } = world();
  feed.watch(['a']);
  state.hangs = true;
  void feed.snapshot();
  state.hangs = false;
  state.nowMs += 999;
  void feed.snapshot();
  expect(state.calls).toHaveLength(1); // Still shared.
  state.nowMs += 1;
  expect((await feed.snapshot()).slot).toBe(10n);
});

test('a new account is in the very next snapshot', async () => {
  const { feed } = world();
  feed.watch(['a']);
  const first = feed.snapshot();
  feed.watch(['b']);
  expect((await feed.snapshot()).data('b')).toBeDefined();
  expect((await first).data('b')).toBeUndefined();
  expect((await feed.snapshot()).data('b')).toBeDefined();
});

test('reads chunks of one hundred, and again where a slot passed between them', async () => {
  const { state, feed } = world();
  feed.watch(Array.from({ length: 150 }, (_, index) => `account ${index}`));
  state.slots = [10n, 11n];
  state.slot = 11n;
  const snapshot = await feed.snapshot();
  expect(state.calls.map((call) => call.length)).toEqual([100, 50, 100, 50]);
  expect(snapshot.slot).toBe(11n);
  expect(new TextDecoder().decode(snapshot.data('account 149'))).toBe('account 149@11');
});

test('rejects while the node is down and recovers after it', async () => {
  const { state, feed } = world();
  feed.watch(['a']);
  state.isDown = true;
  await expect(feed.snapshot()).rejects.toThrow(ChainUnavailable);
  state.isDown = false;
  expect((await feed.snapshot()).slot).toBe(10n);
});
