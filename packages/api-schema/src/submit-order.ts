import { z } from 'zod';
import { amountInput } from './amount.ts';
import { hinted } from './hints.ts';

/** docs/api.md says what each does. */
export const swapMode = hinted(
  z.enum(['exactIn', 'exactOut', 'partialFill']),
  'Send "exactIn", "exactOut" or "partialFill".',
);

export const executionGuard = z.enum(['protocol', 'strict']);

export const rehearse = z.enum(['always', 'auto']);

// Symbols and mints; a mint has at most 44 characters, and a token without a known name is shown as "Abcd…wxyz". Control
// characters never name a token.
export const TOKEN_HINT = 'Send a symbol such as "SOL" or a mint address; GET /api/tokens lists them.';
export const tokenInput = hinted(
  z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e…]+$/)
    .describe('Symbol or mint address of a token'),
  TOKEN_HINT,
);

export const MARKET_HINT = 'The only kind of order so far is "market".';
export const CLIENT_ORDER_ID_HINT = 'Send 1 to 64 letters, digits or any of "_", ".", ":" and "-".';

/** Failures on demand of the local Solana; docs/devnet.md#scenarios says what each does. */
export const SCENARIOS = [
  'drop',
  'delay',
  'duplicate',
  'http429',
  'http503',
  'timeout',
  'lostAnswer',
  'laggingNode',
  'disagreeingNode',
  'congestion',
  'expire',
  'fork',
  'venueTimeout',
  'poolDrained',
] as const;

const simulate = z
  .strictObject({
    scenario: z.enum(SCENARIOS),
    seed: z.string().max(100).optional().describe('The same seed gives the same failure'),
  })
  .describe('Local Solana only: requests a failure for this order');

/** Body of POST /api/orders. */
export const submitOrderBody = z.strictObject({
  type: hinted(z.literal('market').describe('Kind of order'), MARKET_HINT),
  tokenIn: tokenInput,
  tokenOut: tokenInput,
  swapMode: swapMode
    .optional()
    .describe(
      'exactIn spends amountIn, exactOut receives amountOut, partialFill spends as much of amountIn as there is room for; exactIn if absent',
    ),
  amountIn: amountInput
    .optional()
    .describe('Amount to spend, or (partialFill) the most to spend; not with exactOut'),
  amountOut: amountInput.optional().describe('Amount to receive; exactOut only'),
  slippageBps: hinted(
    z
      .union([z.int().min(0).max(10_000), z.literal('auto')])
      .optional()
      .describe(
        'Tolerance against the first quote, 1 = 0.01 %; auto: from recent movement and depth; 100 if absent',
      ),
    'Send a whole number from 0 to 10000, or "auto"; 100 is 1 %.',
  ),
  maxPriceImpactBps: hinted(
    z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Maximum price impact in basis points (1 = 0.01 %); as configured if absent'),
    'Send a whole number from 1 to 10000; 100 is 1 %.',
  ),
  minAmountOut: amountInput
    .optional()
    .describe(
      'Own floor in tokenOut, of a partialFill for the whole amountIn and in proportion for a part; the stricter of it and slippage wins; not with exactOut',
    ),
  maxAmountIn: amountInput
    .optional()
    .describe('Your own maximum input in tokenIn; the stricter of it and slippage applies; exactOut only'),
  executionGuard: executionGuard
    .optional()
    .describe(
      'How at most one landing is kept: by the engine, or (strict) by the chain too; as configured if absent',
    ),
  rehearse: rehearse
    .optional()
    .describe(
      'always: the swap is simulated before it is signed; auto: not where earlier swaps like it show what a simulation would; as configured if absent',
    ),
  expiresAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .optional()
    .describe(
      'From then on no transaction is signed for the order; RFC 3339 with a zone, in the future. As configured if absent',
    ),
  clientOrderId: hinted(
    z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,64}$/)
      .optional()
      .describe(
        'Your own id, unique among the orders that are kept: the same body gives the same order, another body is refused',
      ),
    CLIENT_ORDER_ID_HINT,
  ),
  simulate: simulate.optional(),
});

export type SubmitOrderBody = z.infer<typeof submitOrderBody>;
