import { describe, expect, test } from 'vitest';
import { createDiscovery, keepDiscovering } from '../src/execution/market/discover-pools.ts';
import { oddVenue } from './support/odd-venue.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

/** A world of two venues of which the first can look for new pools; `looks` has the time of each look. */
async function createLooking(options: { canLook?: boolean; everyMs?: number } = {}) {
  const { log, lines } = recordingLog();
  const looks: number[] = [];
  const look = { run: async () => {} };
  const world = await createWorld({
    log,
    limits: { discoverPoolsMs: options.everyMs ?? 5_000 },
    venues: ([raydium, meteora], clock) => {
      const discover = () => {
        looks.push(clock.now());
        return look.run().then((): string[] => []);
      };
      return [options.canLook === false ? raydium! : oddVenue(raydium!, { discover }), meteora!];
    },
  });
  const startMs = world.clock.now();
  return { ...world, lines, look, sinceStart: () => looks.map((atMs) => atMs - startMs) };
}

describe('a look for new pools', () => {
  test('is shared by all callers while it runs', async () => {
    const { engine, clock, look, sinceStart } = await createLooking();
    look.run = () => clock.sleep(300);
    const discover = createDiscovery(engine);
    let answered = 0;
    for (let asker = 0; asker < 3; asker += 1) void discover().then(() => (answered += 1));
    await clock.advance(299);
    expect([sinceStart(), answered]).toEqual([[0], 0]);
    await clock.advance(1);
    expect(answered).toBe(3);
  });

  test('starts at the earliest a second after the one before', async () => {
    const { engine, clock, sinceStart } = await createLooking();
    const discover = createDiscovery(engine);
    await discover();
    await clock.advance(400);
    void discover();
    void discover();
    await clock.advance(599);
    expect(sinceStart()).toEqual([0]);
    await clock.advance(1);
    expect(sinceStart()).toEqual([0, 1_000]);
    await clock.advance(1_000);
    await discover();
    expect(sinceStart()).toEqual([0, 1_000, 2_000]);
  });

  test('that fails is logged, and the next one looks again', async () => {
    const { engine, clock, look, lines, sinceStart } = await createLooking();
    look.run = () => Promise.reject(new Error('away'));
    const discover = createDiscovery(engine);
    await discover();
    expect(lines).toMatchObject([{ level: 'warn', fields: { venue: 'raydium', error: new Error('away') } }]);
    await clock.advance(1_000);
    await discover();
    expect(sinceStart()).toEqual([0, 1_000]);
  });

  test('ends at once where no venue can look', async () => {
    const { engine, sinceStart } = await createLooking({ canLook: false });
    const discover = createDiscovery(engine);
    await discover();
    await discover();
    expect(sinceStart()).toEqual([]);
  });
});

describe('looking again and again', () => {
  async function keepLooking(options: Parameters<typeof createLooking>[0] = {}) {
    const world = await createLooking(options);
    const life = new AbortController();
    const rounds: number[] = [];
    const startMs = world.clock.now();
    let hasEnded = false;
    const discover = async () => void rounds.push(world.clock.now() - startMs);
    void keepDiscovering(world.engine, discover, life.signal).then(() => {
      hasEnded = true;
    });
    await world.clock.advance(0);
    return { ...world, life, rounds, hasEnded: () => hasEnded };
  }

  test('follows the setting until it is stopped, and never afterwards', async () => {
    const { clock, life, rounds, hasEnded } = await keepLooking();
    await clock.advance(10_000);
    expect([rounds, hasEnded()]).toEqual([[5_000, 10_000], false]);
    life.abort();
    await clock.advance(20_000);
    expect([rounds, hasEnded()]).toEqual([[5_000, 10_000], true]);
  });

  test.each([{ everyMs: 0 }, { canLook: false }])('ends at once with %j', async (options) => {
    const { clock, rounds, hasEnded } = await keepLooking(options);
    expect(hasEnded()).toBe(true);
    await clock.advance(20_000);
    expect(rounds).toEqual([]);
  });
});
