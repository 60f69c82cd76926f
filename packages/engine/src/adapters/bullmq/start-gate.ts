import type { Redis } from 'ioredis';
import type { Clock } from '../../ports/clock.ts';
import type { StartLimit } from '../../ports/work-queue.ts';

/** Grants starts within the limit of all processes in any window. */
export interface StartGate {
  /** True once the caller may start; false when the signal aborted before. First come, first served in a process. */
  pass(): Promise<boolean>;
}

const STARTS_KEY = 'oee:starts';
// Redis counts a start before the answer has traveled, and answers do not all travel for as long.
const TRAVEL_MS = 100;
const REDIS_AWAY_MS = 500;

/**
 * A sliding window in Redis: a list of the times of the starts in it, newest first, by the clock of the server.
 * Grants as many of ARGV[3] as are free, and says in how many milliseconds the next one is.
 */
const TAKE_SCRIPT = `
local limit, window, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local text = string.format('%.0f', now)
local newest = redis.call('LINDEX', KEYS[1], 0)
if newest and tonumber(newest) > now then -- The clock was set back: what was counted counts from now on.
  local count = redis.call('LLEN', KEYS[1])
  redis.call('DEL', KEYS[1])
  for _ = 1, count do redis.call('LPUSH', KEYS[1], text) end
end
local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and now - tonumber(oldest) >= window do
  redis.call('RPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], -1)
end
local granted = math.max(0, math.min(wanted, limit - redis.call('LLEN', KEYS[1])))
for _ = 1, granted do redis.call('LPUSH', KEYS[1], text) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if granted == wanted then return {granted, 0} end
local frees = tonumber(redis.call('LINDEX', KEYS[1], limit - 1)) + window
return {granted, math.ceil((frees - now) / 1000)}`;

export function createStartGate(options: {
  /** A connection that fails at once while Redis is away. */
  readonly redis: Redis;
  readonly clock: Clock;
  readonly limit: StartLimit;
  /** Aborting it rejects all waiting callers. */
  readonly signal: AbortSignal;
}): StartGate {
  const { redis, clock, limit, signal } = options;
  const waiting: ((mayStart: boolean) => void)[] = [];
  let isAsking = false;

  async function askForAll(): Promise<void> {
    isAsking = true;
    while (waiting.length > 0 && !signal.aborted) {
      const { granted, waitMs } = await take(waiting.length);
      for (const tell of waiting.splice(0, granted)) tell(true);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
    isAsking = false;
    for (const tell of waiting.splice(0)) tell(false);
  }

  async function take(wanted: number): Promise<{ granted: number; waitMs: number }> {
    try {
      const windowMs = limit.windowMs + TRAVEL_MS;
      const answer = await redis.eval(TAKE_SCRIPT, 1, STARTS_KEY, limit.starts, windowMs, wanted);
      const [granted, waitMs] = answer as [number, number];
      return { granted, waitMs };
    } catch {
      return { granted: 0, waitMs: REDIS_AWAY_MS }; // The connection tells the log.
    }
  }

  return {
    pass: () =>
      new Promise((tell) => {
        waiting.push(tell);
        if (!isAsking) void askForAll();
      }),
  };
}
