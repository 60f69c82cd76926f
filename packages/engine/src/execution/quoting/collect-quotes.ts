import type { Candidate, QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../../domain/quote.ts';
import { msSince } from '../../ports/clock.ts';
import type { Venue } from '../../ports/venue.ts';
import type { Engine } from '../engine.ts';
import type { RoundResult } from '../market/venue-health.ts';
import type { Ports } from '../ports.ts';
import { startDeadline } from '../waiting/deadline.ts';
import { offerRoutes, ROUTER } from './offer-routes.ts';

/** Whoever may answer a request: a venue, or the engine's own router over the pools of all of them. */
interface Source extends Pick<Venue, 'name' | 'quote'> {
  /** It answers from the chain's accounts alone, so that its silence is the chain's while no other such source speaks. */
  readonly isOfChain: boolean;
}

interface Answered {
  readonly source: Source;
  readonly answers: readonly QuoteAnswer[];
  /** Its answers are those of somebody who was asked: not a deadline, and not that it knows no pool at all. */
  readonly hasSpoken: boolean;
}

/** A deadline that passes by more than this part of itself late was missed by the engine, not by those it asked. */
const LATE_PART = 0.25;

/**
 * Asks every venue and the router at once and waits for all answers, but no longer than the deadline.
 * A venue that is late, throws, has no pool, answers from old accounts or is sidelined is part of the answer, with the
 * reason; what is the chain's fault, or the engine's own, is called so and not counted against the venue.
 *
 * @param timeoutMs The deadline; that of the limits if absent.
 */
export async function collectQuotes(
  engine: Engine,
  request: QuoteRequest,
  timeoutMs: number = engine.limits.quoteTimeoutMs,
): Promise<readonly Candidate[]> {
  const { clock, market, venues } = engine;
  const askedAt = clock.moment();
  const sidelined = market.sidelined(venues, askedAt);
  const asked = venues.filter(({ name }) => !sidelined.has(name));
  const sources = asked.map(({ name, quote, market }): Source => ({ name, quote, isOfChain: !!market }));
  const router: Source = {
    name: ROUTER,
    quote: (wanted, signal) => offerRoutes(engine, { venues: asked, request: wanted, signal, timeoutMs }),
    isOfChain: true,
  };
  const round = new AbortController();
  const deadline = startDeadline(clock, timeoutMs);
  const until = { passed: deadline.passed, signal: round.signal, timeoutMs };
  try {
    const answered = blame(
      await Promise.all([...sources, router].map((source) => ask(engine, source, request, until))),
    );
    market.health.note(resultOf(answered), clock.moment(), askedAt);
    const unasked = [...sidelined].map(([venue, reason]) => refusal(venue, 'sidelined', reason));
    const candidates = [
      ...answered.flatMap(({ answers }) => answers).map((answer) => withAge(engine, answer)),
      ...unasked,
    ];
    record(engine, candidates);
    return candidates;
  } finally {
    deadline.callOff();
    round.abort('answered');
  }
}

/** Remembers whether somebody offered a route, or nobody could for want of fresh accounts; else it is the pair's own fault. */
function record({ market, clock }: Engine, candidates: readonly Candidate[]): void {
  const isOffered = candidates.some(({ outcome }) => outcome === 'quoted');
  const isWanting = candidates.some(
    (one) =>
      one.outcome === 'refused' &&
      ['stale', 'timeout', 'unavailable', 'chain_unavailable', 'engine_late', 'not_asked'].includes(one.code),
  );
  if (isOffered) market.quotes.offeredAt = clock.moment();
  else if (isWanting) market.quotes.failedAt = clock.moment();
}

/** Silence of those who only read the chain is the chain's, unless one of them heard it in the same round. */
function blame(all: readonly Answered[]): readonly Answered[] {
  const isHeard = all.some(
    ({ source, answers, hasSpoken }) => source.isOfChain && hasSpoken && answers.some(isOfPools),
  );
  if (isHeard) return all;
  const reason = "the chain's accounts were not read in time";
  return all.map((one) =>
    one.source.isOfChain
      ? {
          ...one,
          answers: one.answers.map((answer) =>
            answer.outcome === 'refused' && answer.code === 'timeout'
              ? { ...answer, code: 'chain_unavailable' as const, reason }
              : answer,
          ),
        }
      : one,
  );
}

/** Nobody can say this without the accounts of pools. */
const isOfPools = (answer: QuoteAnswer): boolean =>
  answer.outcome === 'quoted' || answer.code === 'refused_by_pool' || answer.code === 'too_large';

/** What says nothing about the venue that says it. */
const NO_EVIDENCE: readonly QuoteRefusalCode[] = [
  'chain_unavailable',
  'engine_late',
  'not_asked',
  'unsupported',
];

/** Of those venues that the round showed something of: one failed when none of its answers says anything about its pools. */
function resultOf(answered: readonly Answered[]): RoundResult {
  const results = new Map<string, string | null>();
  for (const { source, answers, hasSpoken } of answered) {
    const telling = answers.filter((one) => one.outcome === 'quoted' || !NO_EVIDENCE.includes(one.code));
    if (source.name === ROUTER || !hasSpoken || telling.length === 0) continue;
    const isWell = telling.some((one) => one.outcome === 'quoted' || !isTrouble(one.code));
    const [first] = telling;
    results.set(source.name, isWell || first?.outcome !== 'refused' ? null : first.reason);
  }
  return results;
}

const isTrouble = (code: QuoteRefusalCode): boolean => code === 'timeout' || code === 'unavailable';

/** The answer with its age; a quote from accounts that are too old is refused. */
function withAge({ market, clock, limits }: Engine, answer: QuoteAnswer): Candidate {
  if (answer.outcome === 'refused') return answer;
  const { venue, route, slot, readAt } = answer.quote;
  // The accounts may be of a slot that was not heard of yet: such a quote is not behind.
  const slotsBehind = Math.max(0, Number(market.time.slots.newest - slot));
  if (slotsBehind <= limits.maxQuoteAgeSlots)
    return { ...answer, slotsBehind, ageMs: readAt === undefined ? null : msSince(clock, readAt) };
  const reason = `its accounts are ${slotsBehind} slots old, at most ${limits.maxQuoteAgeSlots} are allowed`;
  const pool = route.legs.map((leg) => leg.pool).join('+');
  return { ...refusal(venue, 'stale', reason), pool, answerMs: answer.answerMs };
}

const refusal = (venue: string, code: QuoteRefusalCode, reason: string) =>
  ({ outcome: 'refused', venue, pool: null, code, reason, answerMs: 0 }) as const;

async function ask(
  { clock, log }: Ports,
  source: Source,
  request: QuoteRequest,
  until: { readonly passed: Promise<void>; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Answered> {
  const { passed, signal, timeoutMs } = until;
  const startedAt = clock.moment();
  const refused = (code: QuoteRefusalCode, reason: string): QuoteAnswer[] => [
    { ...refusal(source.name, code, reason), answerMs: msSince(clock, startedAt) },
  ];
  const late = passed.then((): Answered => {
    const lateMs = msSince(clock, startedAt) - timeoutMs;
    const answers =
      lateMs > timeoutMs * LATE_PART
        ? refused('engine_late', `the engine was ${lateMs} ms late to look for an answer`)
        : refused('timeout', `no answer within ${timeoutMs} ms`);
    return { source, answers, hasSpoken: true };
  });
  const answer = source.quote(request, signal).then(
    (answers): Answered =>
      answers.length > 0 || source.name === ROUTER
        ? { source, answers, hasSpoken: true }
        : { source, answers: refused('no_pool', 'no pool for this pair'), hasSpoken: false },
    (error: unknown): Answered => {
      log.warn({ venue: source.name, error }, 'venue quote failed');
      return { source, answers: refused('unavailable', 'the venue could not be asked'), hasSpoken: true };
    },
  );
  return Promise.race([answer, late]);
}
