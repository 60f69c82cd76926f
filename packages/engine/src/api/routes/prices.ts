import { OPERATIONS, type QueryOf } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { currentPrices } from '../../execution/market/current-prices.ts';
import type { Pair } from '../../execution/market/pair-price.ts';
import { requirePair, requirePath, toWirePrice } from '../prices.ts';
import { ProblemError } from '../problems.ts';
import { serve } from '../serve.ts';

type PriceQuery = QueryOf<typeof OPERATIONS.listPrices>;

/** Prices of pairs, from memory or one reading of the pools. */
export function servePrices(app: FastifyInstance, engine: Engine): void {
  serve(app, OPERATIONS.listPrices, async ({ query }) => {
    const field = query.pairs ? 'pairs' : 'tokenOut';
    const prices = await currentPrices(engine, await readPairs(engine, query));
    return {
      data: prices.map((current) => {
        requirePath(current, field);
        if (current.outcome !== 'priced') throw unread(current.pair);
        return toWirePrice(engine, current.pair, current.price);
      }),
    };
  });
}

async function readPairs(engine: Engine, { tokenIn, tokenOut, pairs }: PriceQuery): Promise<readonly Pair[]> {
  if (pairs && tokenIn === undefined && tokenOut === undefined)
    return Promise.all(pairs.map((names) => requirePair(engine, names, ['pairs', 'pairs'])));
  if (!pairs && tokenIn !== undefined && tokenOut !== undefined)
    return [await requirePair(engine, [tokenIn, tokenOut], ['tokenIn', 'tokenOut'])];
  throw new ProblemError('invalid_request', {
    detail: 'Either tokenIn and tokenOut are needed, or pairs alone.',
    hint: 'Send tokenIn=SOL&tokenOut=USDC for one pair, or pairs=SOL/USDC,JUP/USDC for several.',
  });
}

const unread = ({ tokenIn, tokenOut }: Pair): ProblemError =>
  new ProblemError('chain_unavailable', {
    detail: `The pools of ${tokenIn.symbol} and ${tokenOut.symbol} cannot be read now.`,
  });
