import type { BaseUnits } from '../../domain/amount.ts';
import { isSol, SOL_DECIMALS, SOL_MINT, type Token } from '../../domain/token.ts';
import type { WithMarket } from './market-watch.ts';

/** By the zero-size rate to SOL, which is what transactions are paid in; null where no known path leads there. */
export function worthInLamports({ market }: WithMarket, token: Token, amount: BaseUnits): BaseUnits | null {
  if (isSol(token)) return amount;
  const sol: Token = { ...token, mint: SOL_MINT, symbol: 'SOL', decimals: SOL_DECIMALS };
  return market.routes.spotAmount({ tokenIn: token, tokenOut: sol, swapMode: 'exactIn', amount });
}
