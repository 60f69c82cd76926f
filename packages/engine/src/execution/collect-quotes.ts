import type { Candidate, QuoteAnswer, QuoteRequest } from '../domain/quote.ts';
import type { Venue } from '../ports/venue.ts';
import type { Engine } from './engine.ts';
import { offerRoutes, ROUTER } from './offer-routes.ts';
import type { World } from './world.ts';

/** Whoever may answer a request: a venue, or the engine's own router over the pools of all of them. */
type Source = Pick<Venue, 'name' | 'quote'>;

/**
 * Asks every venue and the router at once and waits for all answers, but no longer than the deadline.
 * A venue that is late, throws or has no pool is part of the answer, with the reason.
 */
export async function collectQuotes(engine: Engine, request: QuoteRequest): Promise<readonly Candidate[]> {
  const router: Source = { name: ROUTER, quote: (asked, signal) => offerRoutes(engine, asked, signal) };
  const deadline = new AbortController();
  try {
    const answers = await Promise.all(
      [...engine.venues, router].map(async (source) => {
        const given = await ask(engine, source, request, deadline.signal);
        return given.map((answer) => withAge(engine, answer));
      }),
    );
    return answers.flat();
  } finally {
    deadline.abort('answered');
  }
}

/** A late block of a fork may be newer than any slot heard of: such a quote is not behind. */
function withAge({ market, clock }: Engine, answer: QuoteAnswer): Candidate {
  if (answer.outcome === 'refused') return answer;
  const { slot, readAtMs } = answer.quote;
  const slotsBehind = Math.max(0, Number(market.newestSlot() - slot));
  return { ...answer, slotsBehind, ageMs: readAtMs === undefined ? null : clock.now() - readAtMs };
}

async function ask(
  world: World,
  venue: Source,
  request: QuoteRequest,
  signal: AbortSignal,
): Promise<readonly QuoteAnswer[]> {
  const { clock, limits, log } = world;
  const startedAtMs = clock.now();
  const refused = (code: 'timeout' | 'unavailable' | 'no_pool', reason: string): QuoteAnswer[] => [
    { outcome: 'refused', venue: venue.name, pool: null, code, reason, answerMs: clock.now() - startedAtMs },
  ];
  const late = clock
    .sleep(limits.quoteTimeoutMs, signal)
    .then(() => refused('timeout', `no answer within ${limits.quoteTimeoutMs} ms`));
  const answer = venue.quote(request, signal).then(
    (answers) =>
      answers.length > 0 || venue.name === ROUTER ? answers : refused('no_pool', 'no pool for this pair'),
    (error: unknown) => {
      log.warn({ venue: venue.name, error }, 'venue failed to quote');
      return refused('unavailable', 'the venue could not be asked');
    },
  );
  return Promise.race([answer, late]);
}
