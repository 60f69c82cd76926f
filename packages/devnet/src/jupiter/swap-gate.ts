import type { IncomingMessage } from 'node:http';
import { RateLimit } from './rate-limit.ts';
import { SwapApiRefusal } from './swap-api-refusal.ts';

/** Access and rate limit of the swap API. */
export class SwapGate {
  readonly #apiKey: string | undefined;
  readonly #limit: RateLimit;

  /**
   * @param options.requestsPerMinute Per client; 0 for no limit.
   * @param options.apiKey            The only accepted `x-api-key`; absent: any key.
   */
  constructor(options: { requestsPerMinute: number; apiKey?: string | undefined }) {
    this.#apiKey = options.apiKey;
    this.#limit = new RateLimit(options.requestsPerMinute);
  }

  /** Headers for the answer. @throws {SwapApiRefusal} 401 or 429. */
  admit(request: IncomingMessage): Readonly<Record<string, string>> {
    return this.#limit.take(this.#callerOf(request));
  }

  /** Identifies a client by its key, or without one by its address. */
  #callerOf(request: IncomingMessage): string {
    const key = request.headers['x-api-key'];
    if (key === undefined) return `address ${request.socket.remoteAddress}`;
    if (this.#apiKey !== undefined && key !== this.#apiKey) throw new SwapApiRefusal(401, 'Unauthorized');
    return `key ${String(key)}`;
  }
}
