import { describe, expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { createMemoryLeaderLease } from '../src/adapters/memory/leader-lease.ts';
import { createLeadership, SOLE_LEADER } from '../src/execution/upkeep/leadership.ts';
import type { LeaderLease } from '../src/ports/leader-lease.ts';
import { createFaultHooks } from './support/fault-hooks.ts';
import { recordingLog } from './support/recording-log.ts';

/** A process that asks for the lease. */
function createCandidate() {
  const clock = createManualClock();
  const { log, lines } = recordingLog();
  const lease = createMemoryLeaderLease(clock);
  const hooks = createFaultHooks<LeaderLease>(clock);
  const asked = hooks.calls('acquire');
  const life = new AbortController();
  const start = (holder = 'me') => {
    const leadership = createLeadership({ lease: hooks.around(lease), holder, name: 'sweep', clock, log });
    return { ...leadership, ended: leadership.run(life.signal) };
  };
  return { clock, lines, lease, hooks, asked, life, start };
}

describe('leadership', () => {
  test('starts with the first answer, is renewed each second, and is logged once', async () => {
    const { clock, lines, asked, start } = createCandidate();
    const { leads } = start();
    expect(leads()).toBe(false);
    await clock.advance(0);
    expect(leads()).toBe(true);
    await clock.advance(2_999);
    expect(asked).toEqual([
      ['me', 5_000],
      ['me', 5_000],
      ['me', 5_000],
    ]);
    expect(lines).toEqual([{ level: 'info', message: 'leader lease acquired', fields: { work: 'sweep' } }]);
  });

  test('ends with the answer that another process holds the lease', async () => {
    const { clock, lines, lease, start } = createCandidate();
    const { leads } = start();
    await clock.advance(0);
    await lease.release('me');
    await lease.acquire('another', 5_000);
    await clock.advance(1_000);
    expect(leads()).toBe(false);
    expect(lines.map(({ message }) => message)).toEqual(['leader lease acquired', 'leader lease lost']);
  });

  test('ends with the lease while the store does not answer, and each failure is logged', async () => {
    const { clock, lines, hooks, start } = createCandidate();
    const { leads } = start();
    await clock.advance(0);
    hooks.fail('acquire', new Error('away'));
    await clock.advance(4_999);
    expect(leads()).toBe(true);
    await clock.advance(1);
    expect(leads()).toBe(false);
    expect(lines.slice(1)).toEqual(
      Array.from({ length: 5 }, () => ({
        level: 'warn',
        message: 'leader lease unavailable',
        fields: { work: 'sweep', error: new Error('away') },
      })),
    );
  });

  test('counts from the request, however long the answer takes', async () => {
    const { clock, hooks, start } = createCandidate();
    hooks.delay('acquire', 4_000);
    const { leads } = start();
    await clock.advance(4_000);
    expect(leads()).toBe(true);
    await clock.advance(1_000);
    expect(leads()).toBe(false);
  });

  test('is released at the end, and a failed release is no error', async () => {
    const { clock, hooks, asked, life, start } = createCandidate();
    hooks.fail('release', new Error('away'), { when: (holder) => holder === 'me' });
    const [one, other] = [start(), start('another')];
    await clock.advance(0);
    life.abort();
    await Promise.all([one.ended, other.ended]);
    expect([one.leads(), other.leads()]).toEqual([false, false]);
    expect(hooks.calls('release')).toEqual([['me'], ['another']]);
    await clock.advance(10_000);
    expect(asked).toHaveLength(2);
  });
});

test('the only process of its store leads from the start, without asking for a lease', async () => {
  expect(SOLE_LEADER.leads()).toBe(true);
  await SOLE_LEADER.run(new AbortController().signal);
  expect(SOLE_LEADER.leads()).toBe(true);
});
