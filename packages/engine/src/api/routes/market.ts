import { OPERATIONS, type QueryOf } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { formatAmount } from '../../domain/amount.ts';
import { bestSingleVenue } from '../../domain/explain.ts';
import { msBetween } from '../../domain/moment.ts';
import type { QuoteRecord } from '../../domain/order-event.ts';
import type { QuoteAnswer, QuoteRequest } from '../../domain/quote.ts';
import { timeAfter, toTimestamp } from '../../domain/timestamp.ts';
import { SOL_DECIMALS, type Token } from '../../domain/token.ts';
import type { Engine } from '../../execution/engine.ts';
import { priceOf } from '../../execution/quoting/choose-route.ts';
import { describeCandidate } from '../../execution/quoting/describe-choice.ts';
import { quoteSwap } from '../../execution/quoting/quote-swap.ts';
import { readAmountField } from '../../execution/read-fields.ts';
import { walletBalances } from '../../execution/wallet-balances.ts';
import { ProblemError } from '../problems.ts';
import { refusedAs } from '../refused-as.ts';
import { requireToken } from '../require-known.ts';
import { serve } from '../serve.ts';

type QuoteQuery = QueryOf<typeof OPERATIONS.getQuote>;

/** Tokens, pools, quotes and the wallet's balances. */
export function serveMarket(app: FastifyInstance, engine: Engine): void {
  serve(app, OPERATIONS.listTokens, async () => ({
    data: engine.tokens.list().map(({ symbol, mint, decimals }) => ({ symbol, mint, decimals })),
    nextCursor: null,
  }));

  serve(app, OPERATIONS.listPools, async () => ({
    data: engine.venues.flatMap((venue) =>
      venue.pools().map((pool) => ({
        venue: pool.venue,
        address: pool.address,
        kind: pool.kind,
        tokenA: pool.tokenA.symbol,
        tokenB: pool.tokenB.symbol,
        mintA: pool.tokenA.mint,
        mintB: pool.tokenB.mint,
        feeBps: pool.feeBps,
        reserveA: reserve(pool.reserveA, pool.tokenA),
        reserveB: reserve(pool.reserveB, pool.tokenB),
        slot: pool.slot === null ? null : Number(pool.slot),
      })),
    ),
    nextCursor: null,
  }));

  serve(app, OPERATIONS.listVenues, async () => ({
    data: engine.venues.map(({ name, pools }) => {
      const { failures, sidelinedUntil, lastFailure } = engine.market.health.of(name);
      const leftMs = sidelinedUntil === null ? 0 : msBetween(engine.clock.moment(), sidelinedUntil);
      const isSidelined = leftMs > 0;
      return {
        venue: name,
        pools: pools().length,
        state: isSidelined ? ('sidelined' as const) : ('well' as const),
        failures,
        sidelinedUntil: isSidelined ? toTimestamp(timeAfter(engine.clock.now(), leftMs)) : null,
        lastFailure,
      };
    }),
    nextCursor: null,
  }));

  serve(app, OPERATIONS.listWallets, async () => {
    const { address, balances, wrappedSol, slot } = await walletBalances(engine);
    const held = balances.map(({ token, amount }) => ({
      token: token.symbol,
      mint: token.mint,
      amount: formatAmount(amount, token.decimals),
    }));
    const wallet = {
      address,
      balances: held,
      wrappedSol: formatAmount(wrappedSol, SOL_DECIMALS),
      slot: Number(slot),
    };
    return { data: [wallet], nextCursor: null };
  });

  serve(app, OPERATIONS.getQuote, ({ query }) => answerQuote(engine, query));
}

/** The best quote of all venues, and what each of them said. */
async function answerQuote(engine: Engine, query: QuoteQuery) {
  const request = await readQuote(engine, query);
  const { answers, best } = await quoteNow(engine, request);
  if (!best)
    throw new ProblemError(answers.every(isWithoutPool) ? 'no_pool' : 'amount_out_of_range', {
      detail: `No venue can fill this: ${answers.map(reasonOf).join('; ')}.`,
    });
  const { tokenIn, tokenOut, swapMode } = request;
  const quotes = answers.map((answer) => describeCandidate(answer, best, request));
  return {
    tokenIn: tokenIn.symbol,
    tokenOut: tokenOut.symbol,
    swapMode,
    venue: best.venue,
    amountIn: formatAmount(best.route.amountIn, tokenIn.decimals),
    amountOut: formatAmount(best.route.amountOut, tokenOut.decimals),
    price: priceOf(best.route, tokenIn, tokenOut),
    priceImpactBps: best.priceImpactBps,
    slot: Number(best.slot),
    ...(query.explain === '1'
      ? { quotes, bestSingleVenue: bestSingleVenue(quotes, swapMode) }
      : { quotes: quotes.map(withoutLegs) }),
  };
}

/** If no pool is known, looks for newly launched ones first. */
async function quoteNow(engine: Engine, request: QuoteRequest) {
  const quoted = await quoteSwap(engine, request);
  if (quoted.best || !quoted.answers.every(isWithoutPool)) return quoted;
  await engine.market.discover();
  return quoteSwap(engine, request);
}

async function readQuote(engine: Engine, query: QuoteQuery): Promise<QuoteRequest> {
  const tokenIn = await requireToken(engine, 'tokenIn', query.tokenIn);
  const tokenOut = await requireToken(engine, 'tokenOut', query.tokenOut);
  if (tokenIn.mint === tokenOut.mint) throw new ProblemError('same_token', { field: 'tokenOut' });
  if ((query.amountIn === undefined) === (query.amountOut === undefined))
    throw new ProblemError('invalid_request', {
      detail: 'Exactly one of amountIn and amountOut is needed.',
      hint: 'Send amountIn to spend a fixed amount, or amountOut to receive one.',
    });
  const isExactOut = query.amountIn === undefined;
  const { swapMode = isExactOut ? 'exactOut' : 'exactIn' } = query;
  if ((swapMode === 'exactOut') !== isExactOut)
    throw new ProblemError('invalid_request', {
      detail: `A quote with swapMode ${swapMode} needs ${isExactOut ? 'amountIn' : 'amountOut'}.`,
      field: 'swapMode',
      hint: 'Leave swapMode out, or send "partialFill" with amountIn.',
    });
  const amount =
    query.amountIn === undefined
      ? readAmountField('amountOut', query.amountOut ?? '', tokenOut)
      : readAmountField('amountIn', query.amountIn, tokenIn);
  if (amount.outcome === 'refused') throw refusedAs(amount);
  return { tokenIn, tokenOut, swapMode, amount: amount.amount };
}

const withoutLegs = (quote: QuoteRecord) => ({ ...quote, legs: undefined });

const isWithoutPool = (answer: QuoteAnswer): boolean =>
  answer.outcome === 'refused' && answer.code === 'no_pool';
const reasonOf = (answer: QuoteAnswer): string =>
  answer.outcome === 'refused' ? `${answer.venue}: ${answer.reason}` : answer.quote.venue;
const reserve = (units: bigint | null, token: Token): string | null =>
  units === null ? null : formatAmount(units, token.decimals);
