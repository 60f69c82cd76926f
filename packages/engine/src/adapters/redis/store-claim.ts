import type { Redis } from 'ioredis';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

/** Another engine, with other orders, uses this Redis now. */
export class RedisClaimed extends Error {
  override name = 'RedisClaimed';
}

/** The claim of one store on a Redis database. */
export interface StoreClaim {
  /** Settles when another store has claimed this Redis, as can happen after Redis was wiped: the process must exit. */
  readonly lost: Promise<RedisClaimed>;
  /** Leaves the claim to the other processes of the store; if there is none, the claim ends soon after. */
  release(): Promise<void>;
}

const CLAIM_KEY = 'oee:store';
// Maximum time for which a crashed engine keeps another store off its Redis.
const LIVES_MS = 10_000;
const RENEW_EVERY_MS = 2_000;
// How long the claim still holds after a process leaves: until the next renewal by another process of its store.
const LEAVES_MS = RENEW_EVERY_MS + 1_000;
const LOOK_AGAIN_MS = 500;

/**
 * Null if the key is ours now, for ARGV[3] ms; otherwise its holder. The value is the store's name, a space, and a
 * description.
 */
const CLAIM_SCRIPT = `
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then return {held, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return false`;

const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] .. ' ' .. ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end`;

/**
 * Keeps engines of other stores off this store's Redis: each would take the other's wake-ups and drop them. All
 * processes of a store share the claim. Live processes renew it, and make it again after Redis was wiped. While Redis
 * is away there is no claim, and the start does not wait for one.
 *
 * @param options.store       Names the store, without a space.
 * @param options.description Of this process, for a person.
 * @throws {RedisClaimed} An engine of another store is alive there.
 */
export async function claimRedis(options: {
  readonly redis: Redis;
  readonly store: string;
  readonly description: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<StoreClaim> {
  const { redis, store, description, clock, log } = options;
  await claimPatiently(options);
  const leaving = new AbortController();
  let tellLost: (error: RedisClaimed) => void = () => {};
  const lost = new Promise<RedisClaimed>((resolve) => {
    tellLost = resolve;
  });

  async function keepRenewing(): Promise<void> {
    while (!leaving.signal.aborted) {
      await clock.sleep(RENEW_EVERY_MS, leaving.signal);
      if (leaving.signal.aborted) return;
      const holder = await claim(redis, store, description).catch((error: unknown) => {
        log.debug({ error }, 'Redis claim renewal failed');
        return null;
      });
      if (holder) return tellLost(refusalOf(holder.description));
    }
  }
  const renewing = keepRenewing();

  return {
    lost,
    async release() {
      leaving.abort();
      await renewing;
      await redis.eval(RELEASE_SCRIPT, 1, CLAIM_KEY, store, description, LEAVES_MS).catch(() => {});
    },
  };
}

interface Holder {
  readonly description: string;
  readonly livesMs: number;
}

/**
 * Waits until a claim without renewals expires, as after a crash.
 *
 * @throws {RedisClaimed} Another store renews its claim.
 */
async function claimPatiently(options: Parameters<typeof claimRedis>[0]): Promise<void> {
  const { redis, store, description, clock, log } = options;
  let lastLivesMs = Number.POSITIVE_INFINITY;
  for (;;) {
    await untilReady(redis, clock);
    const holder = await claim(redis, store, description).catch(() => null);
    if (!holder) return;
    if (holder.livesMs > lastLivesMs) throw refusalOf(holder.description);
    if (lastLivesMs === Number.POSITIVE_INFINITY)
      log.info({ holder: holder.description }, 'Redis claimed by another engine, waiting for its renewal');
    lastLivesMs = holder.livesMs;
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Waits briefly for a new connection; then Redis counts as unavailable. */
async function untilReady(redis: Redis, clock: Clock): Promise<void> {
  for (let wait = 0; redis.status !== 'ready' && wait < 20; wait += 1) await clock.sleep(50);
}

async function claim(redis: Redis, store: string, description: string): Promise<Holder | null> {
  const answer = await redis.eval(CLAIM_SCRIPT, 1, CLAIM_KEY, store, description, LIVES_MS);
  if (answer === null) return null;
  const [held, livesMs] = answer as [string, number];
  return { description: held.slice(held.indexOf(' ') + 1), livesMs };
}

const refusalOf = (holder: string): RedisClaimed =>
  new RedisClaimed(
    `the Redis of REDIS_URL carries the orders of another store (${holder}): stop that engine, or write the address of another Redis, such as another number behind it: redis://127.0.0.1:6379/1`,
  );
