import type { QuoteAnswer, QuoteRequest } from '../domain/quote.ts';
import type { Venue } from '../ports/venue.ts';
import type { World } from './world.ts';

/**
 * Asks every venue at once and waits for all answers, but no longer than the deadline.
 * A venue that is late, throws or has no pool is part of the answer, with the reason.
 */
export async function collectQuotes(world: World, request: QuoteRequest): Promise<readonly QuoteAnswer[]> {
  const deadline = new AbortController();
  try {
    const answers = await Promise.all(
      world.venues.map((venue) => ask(world, venue, request, deadline.signal)),
    );
    return answers.flat();
  } finally {
    deadline.abort('answered');
  }
}

async function ask(
  world: World,
  venue: Venue,
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
    (answers) => (answers.length > 0 ? answers : refused('no_pool', 'no pool for this pair')),
    (error: unknown) => {
      log.warn({ venue: venue.name, error }, 'venue failed to quote');
      return refused('unavailable', 'the venue could not be asked');
    },
  );
  return Promise.race([answer, late]);
}
