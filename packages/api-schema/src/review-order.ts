import { z } from 'zod';

const decimal = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/)
  .describe('Decimal string in token units');

/** Body of POST /api/orders/{orderId}/review. */
export const reviewOrderBody = z.strictObject({
  decision: z
    .enum(['notLanded', 'landed'])
    .describe('notLanded: no transaction of the order moved anything or ever will; landed: one did'),
  operator: z
    .string()
    .regex(/^[^\p{Cc}]{1,100}$/u)
    .describe('Who decides'),
  evidence: z
    .string()
    .regex(/^[^\p{Cc}]{1,1000}$/u)
    .describe('Evidence for the decision, such as an explorer or an archive node; kept in the log'),
  signature: z
    .string()
    .regex(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/)
    .optional()
    .describe(
      'Of the transaction that landed, base58; needed with landed where no attempt of the order is open',
    ),
  fill: z
    .strictObject({
      slot: z.string().regex(/^\d{1,18}$/),
      amountIn: decimal,
      amountOut: decimal,
      networkFee: decimal.describe('In SOL'),
    })
    .optional()
    .describe('The moved amounts; present exactly if the transaction landed'),
});

export type ReviewOrderBody = z.infer<typeof reviewOrderBody>;
