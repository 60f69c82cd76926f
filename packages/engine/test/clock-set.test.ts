import { describe, expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { createMemoryLeaderLease } from '../src/adapters/memory/leader-lease.ts';
import { createMemoryWorkQueue } from '../src/adapters/memory/work-queue.ts';
import { firstAvailable } from '../src/adapters/solana/first-available.ts';
import { toOrderId } from '../src/domain/order.ts';
import { VenueHealth } from '../src/execution/market/venue-health.ts';
import { createLeadership } from '../src/execution/upkeep/leadership.ts';
import { ChainUnavailable } from '../src/ports/chain.ts';
import { msSince } from '../src/ports/clock.ts';
import type { LeaderLease } from '../src/ports/leader-lease.ts';
import { createFaultHooks } from './support/fault-hooks.ts';
import { recordingLog } from './support/recording-log.ts';

const HOUR_MS = 3_600_000;
const BACK_AND_FORTH = [
  ['an hour back', -HOUR_MS],
  ['an hour forth', HOUR_MS],
] as const;

describe.each(BACK_AND_FORTH)('while the time of day is set %s', (_, byMs) => {
  test('a queue with a rate limit starts as many orders as before', async () => {
    const clock = createManualClock();
    const { log } = recordingLog();
    const startLimit = { starts: 2, windowMs: 1_000 };
    const queue = createMemoryWorkQueue({ clock, log, concurrency: 10, startLimit });
    const startedAfterMs: number[] = [];
    const begin = clock.moment();
    queue.start(async () => void startedAfterMs.push(msSince(clock, begin)));
    for (let order = 0; order < 7; order += 1) queue.wake(toOrderId(`order-${order}`));
    await clock.advance(500);
    clock.setNow(clock.now() + byMs);
    await clock.advance(3_000);
    expect(startedAfterMs).toEqual([0, 0, 1_000, 1_000, 2_000, 2_000, 3_000]);
  });

  test('leadership lasts as long as its lease', async () => {
    const clock = createManualClock();
    const { log } = recordingLog();
    const hooks = createFaultHooks<LeaderLease>(clock);
    const lease = hooks.around(createMemoryLeaderLease(clock));
    const { leads, run } = createLeadership({ lease, holder: 'me', name: 'sweep', clock, log });
    const life = new AbortController();
    void run(life.signal);
    await clock.advance(0);
    hooks.hold('acquire');
    clock.setNow(clock.now() + byMs);
    await clock.advance(4_999);
    expect(leads()).toBe(true);
    await clock.advance(1);
    expect(leads()).toBe(false);
    life.abort();
  });

  test('a venue is sidelined, and a node is asked last, for as long as before', async () => {
    const clock = createManualClock();
    const health = new VenueHealth();
    const asked: string[] = [];
    const part = (name: string, isDown: boolean) => ({
      name,
      async read() {
        asked.push(name);
        if (isDown) throw new ChainUnavailable('away');
      },
    });
    const { any } = firstAvailable([part('one', true), part('two', false)], clock);
    const failed = new Map([
      ['slow', 'late'],
      ['good', null],
    ]);
    for (let round = 0; round < 3; round += 1) health.note(failed, clock.moment());
    await any.read();
    clock.setNow(clock.now() + byMs);
    await clock.advance(4_999);
    expect(health.sidelined('slow', clock.moment())).not.toBeNull();
    await clock.advance(1);
    expect(health.sidelined('slow', clock.moment())).toBeNull();
    await clock.advance(4_999);
    await any.read();
    expect(asked).toEqual(['one', 'two', 'two']);
    await clock.advance(1);
    await any.read();
    expect(asked).toEqual(['one', 'two', 'two', 'one', 'two']);
  });
});
