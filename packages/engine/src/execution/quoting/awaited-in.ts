import type { Candidate, QuoteRefusalCode } from '../../domain/quote.ts';
import { type Awaited, WAIT_CAUSES, type WaitCause } from '../../domain/waiting.ts';

const CAUSE_OF_REFUSAL: readonly (readonly [QuoteRefusalCode, WaitCause])[] = [
  ['chain_unavailable', 'chain_unavailable'],
  ['stale', 'market_data_old'],
  ['engine_late', 'engine_late'],
];

/** Refusals of a venue that was unavailable or not asked. */
const ABSENT: readonly QuoteRefusalCode[] = ['timeout', 'unavailable', 'not_asked', 'sidelined'];
/** Refusals that say nothing about the market now. */
const SILENT: readonly QuoteRefusalCode[] = [...ABSENT, 'no_pool', 'unsupported'];

/**
 * What an order waits for after a round without a usable offer: the chain, fresh accounts, the engine itself, or unavailable
 * venues. Null if a venue answered about the market: then the round counts as a try.
 */
export function awaitedIn(candidates: readonly Candidate[]): Awaited | null {
  const refused = candidates.filter((candidate) => candidate.outcome === 'refused');
  for (const [code, awaits] of CAUSE_OF_REFUSAL) {
    const found = refused.find((one) => one.code === code);
    if (found) return { awaits, reason: `${WAIT_CAUSES[awaits]} ${found.venue}: ${found.reason}.` };
  }
  const absent = refused.find(({ code }) => ABSENT.includes(code));
  if (!absent || refused.length < candidates.length || !refused.every(({ code }) => SILENT.includes(code)))
    return null;
  const awaits = 'venues_unavailable';
  return { awaits, reason: `${WAIT_CAUSES[awaits]} ${absent.venue}: ${absent.reason}.` };
}
