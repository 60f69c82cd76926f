import { blankOrder } from '../../../domain/apply-event.ts';
import {
  type Fill,
  type FillFees,
  type OrderRequest,
  toAccountId,
  toOrderId,
} from '../../../domain/order.ts';
import { toEpochMs } from '../../../domain/timestamp.ts';
import { toMint } from '../../../domain/token.ts';

/**
 * What a document leaves out, or one that was written before there was such a field; columns and the rest are put over it. A value
 * here means what documents left out, so it never changes.
 */
export const BLANK_REQUEST: OrderRequest = {
  orderId: toOrderId(''),
  accountId: toAccountId(''),
  clientOrderId: null,
  type: 'market',
  tokenIn: { mint: toMint(''), symbol: '', decimals: 0, tokenProgram: '' },
  tokenOut: { mint: toMint(''), symbol: '', decimals: 0, tokenProgram: '' },
  swapMode: 'exactIn',
  amount: 0n,
  slippageBps: 'auto',
  maxPriceImpactBps: null,
  minAmountOut: null,
  maxAmountIn: null,
  executionGuard: 'protocol',
  dialect: null,
  heldUntilMs: null,
  expiresAtMs: null,
  seenAmount: null,
  createdAtMs: toEpochMs(0),
};
export const BLANK_ORDER = blankOrder(BLANK_REQUEST);
export const BLANK_FEES: FillFees = { networkLamports: 0n, rentLamports: 0n, rentRefundedLamports: 0n };
export const BLANK_FILL: Fill = { amountIn: 0n, amountOut: 0n, fees: BLANK_FEES };
