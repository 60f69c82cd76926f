import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../src/adapters/memory/clock.ts';
import { createMemoryLeaderLease } from '../src/adapters/memory/leader-lease.ts';
import { createMemoryWorkQueue } from '../src/adapters/memory/work-queue.ts';
import { startEngine } from '../src/execution/start-engine.ts';
import { createLeadership, type Leadership } from '../src/execution/upkeep/leadership.ts';
import type { LeaderLease } from '../src/ports/leader-lease.ts';
import { createFaultHooks } from './support/fault-hooks.ts';
import { createWorld, silentLog as log, type TestWorld } from './support/world.ts';

describe('a leader that takes over from dead processes', () => {
  let world: TestWorld;
  let leads = false;
  let stopOther: () => Promise<void>;

  /** A second engine on the same store and chain, with a queue of its own. */
  beforeEach(async () => {
    leads = false;
    world = await createWorld();
    await world.start();
    const queue = createMemoryWorkQueue({ clock: world.clock, log, concurrency: 8, startLimit: null });
    const other = world.anotherProcess({ queue });
    stopOther = await startEngine(other, { soleProcess: false, leads: () => leads });
  });
  afterEach(async () => {
    const stopped = Promise.all([stopOther(), world.stop()]);
    await world.clock.advance(0);
    await stopped;
  });

  test('finalizes an order that a dead process confirmed', async () => {
    const order = await world.submit();
    await world.settle([order]);
    await world.stop();
    await world.slots(300);
    expect(await world.statuses(order)).not.toContain('finalized');
    leads = true;
    await world.slots(150);
    expect((await world.statuses(order)).at(-1)).toBe('finalized');
  });

  test('executes an order whose wake-up was lost, and only as the leader', async () => {
    await world.stop();
    const order = await world.submit();
    await world.slots(50);
    expect(await world.statuses(order)).toEqual(['pending']);
    leads = true;
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
  });
});

describe('leadership', () => {
  let clock: ManualClock;
  let ending: AbortController[];
  let open: (holder: string) => Leadership & { stop(): Promise<void> };
  beforeEach(() => {
    clock = createManualClock();
    ending = [];
    const lease = createMemoryLeaderLease(clock);
    open = (holder) => {
      const leadership = createLeadership({ lease, holder, name: 'test', clock, log });
      const signal = new AbortController();
      ending.push(signal);
      const ended = leadership.run(signal.signal);
      return {
        ...leadership,
        stop: () => {
          signal.abort();
          return ended;
        },
      };
    };
  });
  afterEach(() => {
    for (const signal of ending) signal.abort();
  });

  test('is held by one process, and stays with it', async () => {
    const [first, second] = [open('first'), open('second')];
    for (let elapsed = 0; elapsed < 30; elapsed += 1) {
      await clock.advance(1_000);
      expect([first.leads(), second.leads()]).toEqual([true, false]);
    }
  });

  test('is handed over within a second when its process stops', async () => {
    const [first, second] = [open('first'), open('second')];
    await clock.advance(10_000);
    await first.stop();
    expect(first.leads()).toBe(false);
    await clock.advance(1_000);
    expect(second.leads()).toBe(true);
  });

  test('is taken over within 6 s from a process that vanishes', async () => {
    const lease = createMemoryLeaderLease(clock);
    const hooks = createFaultHooks<LeaderLease>(clock);
    const open = (holder: string, reached: LeaderLease): Leadership => {
      const leadership = createLeadership({ lease: reached, holder, name: 'test', clock, log });
      const signal = new AbortController();
      ending.push(signal);
      void leadership.run(signal.signal);
      return leadership;
    };
    const [vanishing, next] = [open('vanishing', hooks.around(lease)), open('next', lease)];
    await clock.advance(10_000);
    expect([vanishing.leads(), next.leads()]).toEqual([true, false]);
    for (const method of ['acquire', 'release'] as const) hooks.hold(method);
    await clock.advance(6_000);
    expect([vanishing.leads(), next.leads()]).toEqual([false, true]);
  });

  test('ends by itself when the store does not answer, before another process may take it', async () => {
    const lease = createMemoryLeaderLease(clock);
    const hooks = createFaultHooks<LeaderLease>(clock);
    const leadership = createLeadership({
      lease: hooks.around(lease),
      holder: 'cut off',
      name: 'test',
      clock,
      log,
    });
    const signal = new AbortController();
    ending.push(signal);
    void leadership.run(signal.signal);
    await clock.advance(2_500);
    expect(leadership.leads()).toBe(true);
    hooks.fail('acquire');
    await clock.advance(6_000);
    expect(leadership.leads()).toBe(false);
    expect(await lease.acquire('another', 1_000)).toBe(true);
  });
});
