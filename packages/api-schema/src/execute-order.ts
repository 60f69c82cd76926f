import { z } from 'zod';
import { AMOUNT_HINT, amountInput } from './amount.ts';
import { hinted } from './hints.ts';
import { tokenInput } from './submit-order.ts';

const kind = hinted(
  z.string().max(32).optional().describe('Kind of order: market or limit, in any case'),
  'Send "market", or "limit" with its price, in any case.',
);

const limitPrice = hinted(
  amountInput.optional().describe('Worst price that a limit order executes at, output per input'),
  'Send a decimal price such as 150.25, output per input.',
);

/** Body of POST /api/orders/execute: the names of all dialects; docs/coming-from.md says which belong together. */
export const executeOrderBody = z.strictObject({
  tokenIn: tokenInput.optional(),
  fromToken: tokenInput.optional(),
  inputToken: tokenInput.optional(),
  token_in: tokenInput.optional(),
  tokenOut: tokenInput.optional(),
  toToken: tokenInput.optional(),
  outputToken: tokenInput.optional(),
  token_out: tokenInput.optional(),
  amount: amountInput.optional().describe('Amount to spend, of the input token'),
  amountIn: amountInput.optional().describe('Amount to spend'),
  side: z.string().max(32).optional().describe('buy or sell: both spend amount of the input token'),
  type: kind,
  orderType: kind,
  order_type: kind,
  limitPrice,
  limit_price: limitPrice,
  triggerCondition: z
    .string()
    .max(32)
    .optional()
    .describe('price_above or price_below: it executes at the market once the price is at triggerValue'),
  triggerValue: amountInput.optional().describe('Price of triggerCondition, output per input'),
  slippageTolerance: hinted(
    amountInput.optional().describe('Percent: 0.5 is 0.5 %'),
    'Send percent from 0 to 100, such as 0.5 for 0.5 %.',
  ),
  max_slippage: hinted(
    amountInput.optional().describe('Fraction from 0.01 to 0.5: 0.05 is 5 %'),
    'Send a fraction from 0.01 to 0.5, such as 0.05 for 5 %.',
  ),
  minAmountOut: hinted(
    z
      .union([amountInput, z.literal('')])
      .optional()
      .describe('Your own minimum output in the output token; absent or zero: none'),
    AMOUNT_HINT,
  ),
});

export type ExecuteOrderBody = z.infer<typeof executeOrderBody>;
