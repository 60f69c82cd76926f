import { msBetween } from '../../../domain/moment.ts';
import type { Clock } from '../../../ports/clock.ts';
import { type BuildAnswer, MalformedBuild, parseBuildAnswer } from './build-answer.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { RequestBudget } from './request-budget.ts';

export interface SwapApiOptions {
  /** Address above `/build`, such as Jupiter's `https://api.jup.ag/swap/v2`. */
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

/** Why there is no answer; the message is for people and holds neither key nor address. */
export class SwapApiError extends Error {
  override name = 'SwapApiError';
  /** `not_asked`: the request was not made; `malformed`: the answer cannot be read. */
  readonly kind: 'noRoute' | 'malformed' | 'timeout' | 'unavailable' | 'not_asked';

  constructor(kind: SwapApiError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 512 * 1_024;
const MAX_IN_FLIGHT = 8;

/** Asks Jupiter's swap API v2, within its limits, and not at all for a while when it keeps failing. */
export class SwapApi {
  readonly #options: SwapApiOptions;
  readonly #budget = new RequestBudget();
  readonly #breaker = new CircuitBreaker();
  #inFlight = 0;

  constructor(options: SwapApiOptions) {
    this.#options = options;
  }

  /** @throws {SwapApiError} Nothing was built. */
  async build(
    request: BuildRequest,
    { purpose, signal }: { purpose: 'quote' | 'build'; signal?: AbortSignal },
  ): Promise<BuildAnswer> {
    this.#admit(purpose);
    this.#inFlight += 1;
    try {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await this.#ask(request, signal ? AbortSignal.any([signal, timeout]) : timeout);
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

  async #ask(request: BuildRequest, signal: AbortSignal): Promise<BuildAnswer> {
    const { url, apiKey, clock } = this.#options;
    const query = new URLSearchParams({
      inputMint: request.inputMint,
      outputMint: request.outputMint,
      amount: String(request.amount),
      taker: request.taker,
      slippageBps: String(request.slippageBps),
      wrapAndUnwrapSol: 'false',
    });
    const response = await fetch(`${url}/build?${query}`, {
      headers: { accept: 'application/json', ...(apiKey !== null && { 'x-api-key': apiKey }) },
      redirect: 'error', // The key goes nowhere else.
      signal,
    });
    this.#budget.learn(response, clock);
    const body = await readBody(response);
    if (response.ok) return parseBuildAnswer(body);
    throw refusalOf(response.status, body);
  }

  /** Only trouble of the API's own counts against it: not a pair without a route, nor a limit that it announced. */
  #judge(error: unknown): SwapApiError {
    if (error instanceof SwapApiError && (error.kind === 'noRoute' || error instanceof Limited)) {
      this.#breaker.succeeded();
      return error;
    }
    this.#breaker.failed(this.#options.clock.moment());
    if (error instanceof SwapApiError) return error;
    if (error instanceof MalformedBuild)
      return new SwapApiError('malformed', `its answer is malformed: ${error.message}`, { cause: error });
    if (['TimeoutError', 'AbortError'].includes((error as Error).name))
      return new SwapApiError('timeout', 'no answer in time', { cause: error });
    return new SwapApiError('unavailable', 'it cannot be reached', { cause: error });
  }
}

class Limited extends SwapApiError {}

function refusalOf(status: number, body: string): SwapApiError {
  if (status === 429) return new Limited('unavailable', 'its limit of requests is reached (429)');
  if (status === 401 || status === 403)
    return new SwapApiError('unavailable', `it does not accept JUPITER_API_KEY (${status})`);
  if (status === 400) return new SwapApiError('noRoute', errorIn(body));
  return new SwapApiError('unavailable', `it answered ${status}`);
}

/** Jupiter's errors are `{"error": "…"}`. The text is shown, shortened. */
function errorIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error.slice(0, 200);
  } catch {
    // A proxy's own page.
  }
  return 'it refused the request (400)';
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new SwapApiError('malformed', 'its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const forSeconds = (ms: number): string => `for ${Math.max(1, Math.ceil(ms / 1_000))} s`;
