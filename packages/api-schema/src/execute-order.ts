import { z } from 'zod';
import { amountInput } from './amount.ts';
import { tokenInput } from './submit-order.ts';

const kind = z.string().max(32).optional().describe('Kind of order: market, in any case');

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
  slippageTolerance: amountInput.optional().describe('Percent: 0.5 is 0.5 %'),
  max_slippage: amountInput.optional().describe('Fraction from 0.01 to 0.5: 0.05 is 5 %'),
  minAmountOut: z
    .union([amountInput, z.literal('')])
    .optional()
    .describe('Your own minimum output in the output token; absent or zero: none'),
});

export type ExecuteOrderBody = z.infer<typeof executeOrderBody>;
