import type { Candidate, Quote, QuoteRequest } from '../../domain/quote.ts';
import type { Engine } from '../engine.ts';
import { bestQuote } from './choose-route.ts';
import { collectQuotes } from './collect-quotes.ts';

/** Every venue's answer now, and the best offer; nothing is stored or signed. */
export async function quoteSwap(
  engine: Engine,
  request: QuoteRequest,
): Promise<{ readonly answers: readonly Candidate[]; readonly best: Quote | null }> {
  const answers = await collectQuotes(engine, request);
  return { answers, best: bestQuote(answers, request.swapMode) ?? null };
}
