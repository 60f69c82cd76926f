import { z } from 'zod';
import { amountInput } from './amount.ts';
import { pricesInput } from './submit-order.ts';

/** Body of PATCH /api/orders/{orderId}: what is absent stays. */
export const amendOrderBody = z.strictObject({
  ...pricesInput,
  amountIn: amountInput.optional().describe('New amount to spend; not with exactOut'),
  amountOut: amountInput.optional().describe('New amount to receive; exactOut only'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .nullable()
    .optional()
    .describe('New end; null: it rests until it fires or is canceled'),
});

export type AmendOrderBody = z.infer<typeof amendOrderBody>;
