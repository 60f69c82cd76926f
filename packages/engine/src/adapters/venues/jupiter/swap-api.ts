import { msBetween } from '../../../domain/moment.ts';
import type { Clock } from '../../../ports/clock.ts';
import { type HttpAnswer, type HttpClient, HttpFailure } from '../../../ports/http-client.ts';
import { type BuildAnswer, MalformedBuild, parseBuildAnswer } from './build-answer.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { RequestBudget } from './request-budget.ts';

export interface SwapApiOptions {
  readonly http: HttpClient;
  /** Address without `/build`, such as Jupiter's `https://api.jup.ag/swap/v2`. */
  readonly url: string;
  /** Sent as `x-api-key`, and never shown. */
  readonly apiKey: string | null;
  readonly clock: Clock;
}

export interface BuildRequest {
  readonly inputMint: string;
  readonly outputMint: string;
  /** Base units of the input token. */
  readonly amount: bigint;
  readonly taker: string;
  readonly slippageBps: number;
}

/** Why there is no answer. The message is for operators and contains neither key nor address. */
export class SwapApiError extends Error {
  override name = 'SwapApiError';
  /** `not_asked`: the request was not made; `malformed`: the answer cannot be read. */
  readonly kind: 'noRoute' | 'malformed' | 'timeout' | 'unavailable' | 'not_asked';

  constructor(kind: SwapApiError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip' };
const TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 512 * 1_024;
const MAX_IN_FLIGHT = 8;

/** Asks Jupiter's swap API v2 within its rate limits. After repeated failures it sends no request for a while. */
export class SwapApi {
  readonly #options: SwapApiOptions;
  readonly #budget = new RequestBudget();
  readonly #breaker = new CircuitBreaker();
  #inFlight = 0;

  constructor(options: SwapApiOptions) {
    this.#options = options;
  }

  /** @throws {SwapApiError} The API built no swap. */
  async build(
    request: BuildRequest,
    { purpose, signal }: { purpose: 'quote' | 'build'; signal?: AbortSignal },
  ): Promise<BuildAnswer> {
    this.#admit(purpose);
    this.#inFlight += 1;
    try {
      const answer = await this.#ask(request, signal);
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      throw this.#judge(error);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #admit(purpose: 'quote' | 'build'): void {
    const now = this.#options.clock.moment();
    // A quote is one of several offers and may be skipped. A transaction has no alternative.
    if (purpose === 'quote' && this.#inFlight >= MAX_IN_FLIGHT)
      throw new SwapApiError('not_asked', `not asked: ${MAX_IN_FLIGHT} requests are under way`);
    const openUntil = this.#breaker.openUntil(now);
    if (openUntil !== null)
      throw new SwapApiError(
        'not_asked',
        `not asked ${forSeconds(msBetween(now, openUntil))}: it keeps failing`,
      );
    const refused = this.#budget.take(purpose, now);
    if (refused)
      throw new SwapApiError(
        'not_asked',
        `not asked ${forSeconds(msBetween(now, refused.until))}: ${refused.reason}`,
      );
  }

  async #ask(request: BuildRequest, signal?: AbortSignal): Promise<BuildAnswer> {
    const { http, url, apiKey, clock } = this.#options;
    const query = new URLSearchParams({
      inputMint: request.inputMint,
      outputMint: request.outputMint,
      amount: String(request.amount),
      taker: request.taker,
      slippageBps: String(request.slippageBps),
      wrapAndUnwrapSol: 'false',
    });
    const answer = await http({
      method: 'GET',
      url: new URL(`${url}/build?${query}`),
      headers: { ...HEADERS, ...(apiKey !== null && { 'x-api-key': apiKey }) },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BODY_BYTES,
      ...(signal && { signal }),
    });
    this.#budget.learn(answer, clock);
    if (answer.status >= 200 && answer.status < 300) return parseBuildAnswer(answer.body);
    throw refusalOf(answer);
  }

  /**
   * Only failures of the API count for the circuit breaker: neither a pair without a route nor an announced rate limit.
   */
  #judge(error: unknown): SwapApiError {
    if (error instanceof SwapApiError && (error.kind === 'noRoute' || error instanceof Limited)) {
      this.#breaker.succeeded();
      return error;
    }
    this.#breaker.failed(this.#options.clock.moment());
    if (error instanceof SwapApiError) return error;
    if (error instanceof MalformedBuild)
      return new SwapApiError('malformed', `its answer is malformed: ${error.message}`, { cause: error });
    if (error instanceof HttpFailure && error.kind === 'timeout')
      return new SwapApiError('timeout', 'no answer in time', { cause: error });
    if (error instanceof HttpFailure && error.kind === 'tooLong')
      return new SwapApiError('malformed', 'its answer is too long', { cause: error });
    return new SwapApiError('unavailable', 'it cannot be reached', { cause: error });
  }
}

class Limited extends SwapApiError {}

function refusalOf({ status, body }: HttpAnswer): SwapApiError {
  if (status === 429) return new Limited('unavailable', 'its limit of requests is reached (429)');
  if (status === 401 || status === 403)
    return new SwapApiError('unavailable', `it does not accept JUPITER_API_KEY (${status})`);
  if (status >= 300 && status < 400)
    return new SwapApiError('unavailable', `it cannot be reached: redirects are not followed (${status})`);
  if (status === 400) return new SwapApiError('noRoute', errorIn(body));
  return new SwapApiError('unavailable', `it answered ${status}`);
}

/** Jupiter's errors are `{"error": "…"}`. The text is shown, shortened. */
function errorIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error.slice(0, 200);
  } catch {
    // A page of a proxy.
  }
  return 'it refused the request (400)';
}

const forSeconds = (ms: number): string => `for ${Math.max(1, Math.ceil(ms / 1_000))} s`;
