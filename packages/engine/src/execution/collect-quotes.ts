import type { Candidate, QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../domain/quote.ts';
import { msSince } from '../ports/clock.ts';
import type { Venue } from '../ports/venue.ts';
import { startDeadline } from './deadline.ts';
import type { Engine } from './engine.ts';
import { offerRoutes, ROUTER } from './offer-routes.ts';
import type { RoundResult } from './venue-health.ts';
import type { World } from './world.ts';

/** Whoever may answer a request: a venue, or the engine's own router over the pools of all of them. */
type Source = Pick<Venue, 'name' | 'quote'>;

/**
 * Asks every venue and the router at once and waits for all answers, but no longer than the deadline.
 * A venue that is late, throws, has no pool, answers from old accounts or is sidelined is part of the answer, with the
 * reason.
 */
export async function collectQuotes(engine: Engine, request: QuoteRequest): Promise<readonly Candidate[]> {
  const { clock, limits, market, venues } = engine;
  const sidelined = market.sidelined(venues, clock.moment());
  const asked = venues.filter(({ name }) => !sidelined.has(name));
  const router: Source = {
    name: ROUTER,
    quote: (wanted, signal) => offerRoutes(engine, { venues: asked, request: wanted, signal }),
  };
  const round = new AbortController();
  const deadline = startDeadline(clock, limits.quoteTimeoutMs);
  const until = { passed: deadline.passed, signal: round.signal };
  try {
    const answers = await Promise.all(
      [...asked, router].map((source) => ask(engine, source, request, until)),
    );
    market.health.note(resultOf(asked, answers), clock.moment());
    const unasked = [...sidelined].map(([venue, reason]) => refusal(venue, 'sidelined', reason));
    return [...answers.flat().map((answer) => withAge(engine, answer)), ...unasked];
  } finally {
    deadline.callOff();
    round.abort('answered');
  }
}

/** A venue failed when none of its answers says anything about its pools. */
function resultOf(asked: readonly Venue[], answers: readonly (readonly QuoteAnswer[])[]): RoundResult {
  const failureOf = (own: readonly QuoteAnswer[]): string | null => {
    for (const answer of own)
      if (answer.outcome === 'quoted' || !['timeout', 'unavailable'].includes(answer.code)) return null;
    return own[0]?.outcome === 'refused' ? own[0].reason : null;
  };
  return new Map(asked.map(({ name }, index) => [name, failureOf(answers[index] ?? [])]));
}

/** The answer with its age; a quote from accounts that are too old is refused. */
function withAge({ market, clock, limits }: Engine, answer: QuoteAnswer): Candidate {
  if (answer.outcome === 'refused') return answer;
  const { venue, route, slot, readAt } = answer.quote;
  // The accounts may be of a slot that was not heard of yet: such a quote is not behind.
  const slotsBehind = Math.max(0, Number(market.newestSlot() - slot));
  if (slotsBehind <= limits.maxQuoteAgeSlots)
    return { ...answer, slotsBehind, ageMs: readAt === undefined ? null : msSince(clock, readAt) };
  const reason = `its accounts are ${slotsBehind} slots old, at most ${limits.maxQuoteAgeSlots} are allowed`;
  const pool = route.legs.map((leg) => leg.pool).join('+');
  return { ...refusal(venue, 'stale', reason), pool, answerMs: answer.answerMs };
}

const refusal = (venue: string, code: QuoteRefusalCode, reason: string) =>
  ({ outcome: 'refused', venue, pool: null, code, reason, answerMs: 0 }) as const;

async function ask(
  world: World,
  source: Source,
  request: QuoteRequest,
  { passed, signal }: { readonly passed: Promise<void>; readonly signal: AbortSignal },
): Promise<readonly QuoteAnswer[]> {
  const { clock, limits, log } = world;
  const startedAt = clock.moment();
  const refused = (code: QuoteRefusalCode, reason: string): QuoteAnswer[] => [
    { ...refusal(source.name, code, reason), answerMs: msSince(clock, startedAt) },
  ];
  const late = passed.then(() => refused('timeout', `no answer within ${limits.quoteTimeoutMs} ms`));
  const answer = source.quote(request, signal).then(
    (answers) =>
      answers.length > 0 || source.name === ROUTER ? answers : refused('no_pool', 'no pool for this pair'),
    (error: unknown) => {
      log.warn({ venue: source.name, error }, 'venue failed to quote');
      return refused('unavailable', 'the venue could not be asked');
    },
  );
  return Promise.race([answer, late]);
}
