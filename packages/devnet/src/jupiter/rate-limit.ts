import { SwapApiRefusal } from './swap-api-refusal.ts';

const WINDOW_MS = 60_000;
const MAX_CALLERS = 1_000;

/**
 * Counts requests of a caller in the last 60 seconds, as Jupiter's gateway does, and refuses those over the limit with
 * 429 and the headers `x-ratelimit-limit`, `-remaining`, `-reset` and `retry-after`.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #monotonicMs: () => number;
  readonly #requests = new Map<string, number[]>();

  /** @param perMinute 0 for no limit. */
  constructor(perMinute: number, monotonicMs: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#monotonicMs = monotonicMs;
  }

  /** Headers for the answer. @throws {SwapApiRefusal} 429. */
  take(caller: string): Readonly<Record<string, string>> {
    if (this.#perMinute === 0) return {};
    const now = this.#monotonicMs();
    const recent = (this.#requests.get(caller) ?? []).filter((at) => at > now - WINDOW_MS);
    const isAllowed = recent.length < this.#perMinute;
    if (isAllowed) recent.push(now);
    if (!this.#requests.has(caller) && this.#requests.size >= MAX_CALLERS) this.#requests.clear();
    this.#requests.set(caller, recent);
    const resetSeconds = Math.ceil(((recent[0] ?? now) + WINDOW_MS - now) / 1000);
    const headers = {
      'x-ratelimit-limit': String(this.#perMinute),
      'x-ratelimit-remaining': String(this.#perMinute - recent.length),
      'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + resetSeconds),
    };
    if (isAllowed) return headers;
    throw new SwapApiRefusal(429, '[API Gateway] Too many requests', {
      ...headers,
      'retry-after': String(resetSeconds),
    });
  }
}
