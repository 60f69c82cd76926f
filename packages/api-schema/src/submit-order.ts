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

export const ORDER_TYPES = ['market', 'limit', 'stop', 'takeProfit', 'stopLimit', 'trailingStop'] as const;
export const orderType = z.enum(ORDER_TYPES);
export const TYPE_HINT = `Send one of ${ORDER_TYPES.join(', ')}, in any case.`;
export const TIME_IN_FORCE_HINT =
  'Send "gtc", "gtd", "ioc" or "fok"; docs/orders says which types take which.';
export const timeInForce = z.enum(['gtc', 'gtd', 'ioc', 'fok']);
export const priceIn = z.enum(['tokenOut', 'tokenIn']);
export const priceSource = z.enum(['last', 'mid', 'twap']);
export const PRICE_HINT =
  'Send a decimal string such as "150.25": tokenOut per tokenIn unless priceIn is "tokenIn".';

/** A price as a client sends it. */
const priceInput = (meaning: string) => hinted(amountInput.optional().describe(meaning), PRICE_HINT);
export const trailingBps = z.int().min(1).max(9_999);

/** The prices of an order that rests; an amendment has the same. */
export const pricesInput = {
  limitPrice: priceInput('limit, stopLimit: the worst price that it executes at; the chain enforces it'),
  stopPrice: priceInput('stop, stopLimit: it fires when the price is as low as this'),
  takeProfitPrice: priceInput('takeProfit: it fires when the price is as high as this'),
  trailingBps: hinted(
    trailingBps.optional().describe('trailingStop: it fires this far below the highest price, 1 = 0.01 %'),
    'Send a whole number from 1 to 9999; 100 is 1 %.',
  ),
};
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
  type: hinted(
    z
      .string()
      .max(32)
      .describe(`Kind of order, in any case: ${ORDER_TYPES.join(', ')}; docs/orders says what each does`),
    TYPE_HINT,
  ),
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
  ...pricesInput,
  priceIn: priceIn
    .optional()
    .describe('tokenIn: the prices are tokenIn per tokenOut, and comparisons turn round; tokenOut if absent'),
  priceSource: priceSource
    .optional()
    .describe('What a stop or takeProfit looks at: last (if absent), mid, or twap, the mean of a minute'),
  confirmSlots: hinted(
    z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('In how many slots in a row the condition must hold; 1 if absent'),
    'Send a whole number from 1 to 100.',
  ),
  timeInForce: hinted(
    timeInForce
      .optional()
      .describe(
        'gtc rests until canceled (if absent without expiresAt), gtd until expiresAt, ioc and fok (limit only) execute at once or expire',
      ),
    TIME_IN_FORCE_HINT,
  ),
  startAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .optional()
    .describe('It rests until then, of any type; RFC 3339 with a zone'),
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
