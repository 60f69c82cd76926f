import type { IncomingMessage } from 'node:http';
import { RateLimit } from './rate-limit.ts';
import { SwapApiRefusal } from './swap-api-refusal.ts';

/** Who may ask the swap API, and how often. */
export class SwapGate {
  readonly #apiKey: string | undefined;
  readonly #limit: RateLimit;

  /**
   * @param options.requestsPerMinute Of one caller; 0 for no limit.
   * @param options.apiKey            The one key that `x-api-key` may hold; any will do where absent.
   */
  constructor(options: { requestsPerMinute: number; apiKey?: string | undefined }) {
    this.#apiKey = options.apiKey;
    this.#limit = new RateLimit(options.requestsPerMinute);
  }

  /** Headers for the answer. @throws {SwapApiRefusal} 401 or 429. */
  admit(request: IncomingMessage): Readonly<Record<string, string>> {
    return this.#limit.take(this.#callerOf(request));
  }

  /** Keys are told apart, and callers without one by their address. */
  #callerOf(request: IncomingMessage): string {
    const key = request.headers['x-api-key'];
    if (key === undefined) return `address ${request.socket.remoteAddress}`;
    if (this.#apiKey !== undefined && key !== this.#apiKey) throw new SwapApiRefusal(401, 'Unauthorized');
    return `key ${String(key)}`;
  }
}
