import type { Moment } from '../../domain/moment.ts';
import type { Candidate, Quote, QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../../domain/quote.ts';
import { gainBps } from '../../domain/venue-gains.ts';
import { msSince } from '../../ports/clock.ts';
import type { Venue } from '../../ports/venue.ts';
import type { Engine } from '../engine.ts';
import type { RoundResult } from '../market/venue-health.ts';
import type { Ports } from '../ports.ts';
import { startDeadline } from '../waiting/deadline.ts';
import { bestQuote, refusedOffer } from './choose-route.ts';
import { offerRoutes, ROUTER } from './offer-routes.ts';
import { outsideBudgetMs } from './outside-budget.ts';

/** A source of quotes: a venue, or the engine's own router over the pools of all venues. */
interface Source extends Pick<Venue, 'name' | 'quote'> {
  /** It answers from the chain's accounts alone. If all such sources time out, the chain is at fault. */
  readonly isOfChain: boolean;
}

interface Answered {
  readonly source: Source;
  readonly answers: readonly QuoteAnswer[];
  /** False if the source knows no pool for the pair: then the round says nothing about its health. */
  readonly hasSpoken: boolean;
}

interface Asking {
  readonly source: Source;
  readonly askedAt: Moment;
  readonly answer: Promise<Answered>;
}

export interface Round {
  /** The timeout; the limits' `quoteTimeoutMs` if absent. */
  readonly timeoutMs?: number;
  /**
   * Whether these answers are enough to go on. Then venues outside the engine's own pools are waited for only as long as they are
   * worth (`outsideBudgetMs`). Absent: all are waited for until the timeout.
   */
  readonly suffice?: (candidates: readonly Candidate[]) => boolean;
}

/** If the timer fires later than this fraction of the timeout, the engine was too slow, not the venues. */
const LATE_PART = 0.25;

/**
 * Asks every venue and the router at once and waits for all answers, at most until the timeout. A venue outside may get less
 * time; its late answer still counts for its health and its gains.
 * The result also lists venues that time out, throw, have no pool, answer from old accounts or are sidelined, each with its
 * reason. Faults of the chain or of the engine are named as such and do not count against the venue.
 */
export async function collectQuotes(
  engine: Engine,
  request: QuoteRequest,
  { timeoutMs = engine.limits.quoteTimeoutMs, suffice = () => false }: Round = {},
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
  const asking = [...sources, router].map(
    (source): Asking => ({ source, askedAt, answer: ask(engine, source, request, until) }),
  );
  void Promise.all(asking.map(({ answer }) => answer)).then(deadline.callOff);
  void deadline.passed.then(() => round.abort('timed out')); // Behind the answers that say so.
  const answered = blame(await awaitAnswers(engine, asking, { request, timeoutMs, suffice }));
  market.health.note(resultOf(answered), clock.moment(), askedAt);
  for (const { answer } of asking.filter((_, index) => isNotAwaited(answered[index])))
    void answer.then((late) => {
      // Beside the answers of the round, because a failure counts only if another venue answered.
      const results = new Map([...resultOf(answered), ...resultOf([late])]);
      market.health.note(results, clock.moment(), askedAt);
    });
  const unasked = [...sidelined].map(([venue, reason]) => refusal(venue, 'sidelined', reason));
  const candidates = [
    ...answered.flatMap(({ answers }) => answers).map((answer) => withAge(engine, answer)),
    ...unasked,
  ];
  record(engine, candidates);
  return candidates;
}

/** All answers; those of venues outside only as far as they come within their budget, if the own ones suffice. */
async function awaitAnswers(
  engine: Engine,
  asking: readonly Asking[],
  { request, timeoutMs, suffice }: Required<Round> & { readonly request: QuoteRequest },
): Promise<readonly Answered[]> {
  const outside = asking.filter(({ source }) => !source.isOfChain);
  if (outside.length === 0) return Promise.all(asking.map(({ answer }) => answer));
  const own = await Promise.all(asking.flatMap(({ source, answer }) => (source.isOfChain ? [answer] : [])));
  const candidates = own.flatMap(({ answers }) => answers).map((answer) => withAge(engine, answer));
  const best = bestQuote(candidates, request.swapMode);
  if (!best) return Promise.all(asking.map(({ answer }) => answer));
  for (const { source, answer } of outside)
    void answer.then((given) => noteGain(engine, source.name, { request, given, best }));
  const isEnough = suffice(candidates);
  return Promise.all(
    asking.map((one) => {
      if (one.source.isOfChain || !isEnough) return one.answer;
      const venue = one.source.name;
      const budgetMs = outsideBudgetMs(engine, { venue, request, own: best, mostMs: timeoutMs });
      return budgetMs < timeoutMs ? within(engine, one, budgetMs) : one.answer;
    }),
  );
}

async function within(
  { clock }: Engine,
  { source, askedAt, answer }: Asking,
  budgetMs: number,
): Promise<Answered> {
  const budget = startDeadline(clock, Math.max(0, budgetMs - msSince(clock, askedAt)));
  const given = await Promise.race([answer, budget.passed]);
  budget.callOff();
  if (given) return given;
  const reason = `not waited for: budget ${budgetMs} ms`;
  const answerMs = msSince(clock, askedAt);
  const refused = { ...refusal(source.name, 'not_awaited', reason), answerMs };
  return { source, answers: [refused], hasSpoken: false };
}

const isNotAwaited = (answered: Answered | undefined): boolean =>
  answered?.answers[0]?.outcome === 'refused' && answered.answers[0].code === 'not_awaited';

/** A venue that offered nothing in time gained nothing; one that was not asked, or cannot offer this, says nothing. */
function noteGain(
  { market }: Engine,
  venue: string,
  { request, given, best }: { request: QuoteRequest; given: Answered; best: Quote },
): void {
  const offer = bestQuote(given.answers, request.swapMode);
  const isSilent = given.answers.every(
    (one) => one.outcome === 'refused' && ['not_asked', 'unsupported'].includes(one.code),
  );
  if (offer) market.gains.note(venue, request, gainBps(offer.route, best.route));
  else if (!isSilent) market.gains.note(venue, request, 0);
}

/** Records whether a venue offered a route, or none could for lack of fresh accounts. Other rounds say nothing about health. */
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

/** Blames the chain for the timeouts of sources that only read accounts, unless one of them answered in the same round. */
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

/** Whether the answer needed pool accounts. */
const isOfPools = (answer: QuoteAnswer): boolean =>
  answer.outcome === 'quoted' || answer.code === 'refused_by_pool' || answer.code === 'too_large';

/** Refusals that say nothing about the venue's health. */
const NO_EVIDENCE: readonly QuoteRefusalCode[] = [
  'chain_unavailable',
  'engine_late',
  'not_asked',
  'unsupported',
];

/** The health of each venue that this round says something about: null if well, or the reason of its failure. */
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
  const { slot, readAt } = answer.quote;
  // The accounts may be from a slot newer than any known one: such a quote is not behind.
  const slotsBehind = Math.max(0, Number(market.time.slots.newest - slot));
  if (slotsBehind <= limits.maxQuoteAgeSlots)
    return { ...answer, slotsBehind, ageMs: readAt === undefined ? null : msSince(clock, readAt) };
  const reason = `its accounts are ${slotsBehind} slots old, at most ${limits.maxQuoteAgeSlots} are allowed`;
  return refusedOffer(answer, 'stale', reason);
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
