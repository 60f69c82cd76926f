import { z } from 'zod';
import { amountOutput } from './amount.ts';
import { orderStatus } from './order.ts';
import { orderEvent } from './order-event.ts';
import { swapMode } from './submit-order.ts';

const symbol = z.string().describe('Symbol');
const mint = z.string().describe('Mint address');
const page = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item),
    nextCursor: z.string().nullable().describe('Pass it as cursor; null: the last page'),
  });

export const eventPage = z.object({ data: z.array(orderEvent), lastSequence: z.int() });

export const tokenPage = page(z.object({ symbol, mint, decimals: z.int() }));

export const poolPage = page(
  z.object({
    venue: z.string(),
    address: z.string(),
    kind: z.string(),
    tokenA: symbol,
    tokenB: symbol,
    mintA: mint,
    mintB: mint,
    feeBps: z.number().describe('Current base fee; parts of a basis point are kept'),
    reserveA: amountOutput.nullable(),
    reserveB: amountOutput.nullable(),
    slot: z.int().nullable().describe('Slot of the reserves; null before they were read'),
  }),
);

export const venuePage = page(
  z.object({
    venue: z.string(),
    pools: z.int(),
    state: z.enum(['well', 'sidelined']),
    failures: z.int(),
    sidelinedUntil: z.iso.datetime().nullable(),
    lastFailure: z.string().nullable(),
  }),
);

export const walletPage = page(
  z.object({
    address: z.string(),
    balances: z
      .array(z.object({ token: symbol, mint, amount: amountOutput }))
      .describe('Balance that orders can spend; for SOL the native balance'),
    wrappedSol: amountOutput.describe(
      'SOL that the wallet holds wrapped; orders neither spend nor unwrap it',
    ),
    slot: z.int(),
  }),
);

/** A venue's offer with its place in the comparison; docs/api.md says what else it has. */
const candidate = z.looseObject({
  venue: z.string(),
  pool: z.string().nullable(),
  outcome: z.enum(['chosen', 'lost', 'unavailable']),
});

export const quote = z.object({
  tokenIn: symbol,
  tokenOut: symbol,
  swapMode,
  venue: z.string(),
  amountIn: amountOutput,
  amountOut: amountOutput,
  price: z.string().describe('tokenOut per tokenIn'),
  priceImpactBps: z.int(),
  slot: z.int(),
  quotes: z.array(candidate),
  bestSingleVenue: z.looseObject({ venue: z.string() }).nullable().optional().describe('With explain=1'),
});

const rate = z.string().nullable();
const priceFields = {
  tokenIn: symbol,
  tokenOut: symbol,
  mintIn: mint,
  mintOut: mint,
  mid: rate.describe('Mean of buy and sell; null where one of them is null'),
  buy: rate.describe('tokenOut that one tokenIn costs; null where no path leads there'),
  sell: rate.describe('tokenOut that one tokenIn brings; null where no path leads there'),
  slot: z.int().describe('Slot of the oldest reading behind it'),
  ageMs: z.int().describe('Age of that reading'),
};

export const priceList = z.object({ data: z.array(z.object(priceFields)) });

/** A frame of a stream with `prices`. */
export const priceFrame = z.object({ type: z.literal('price'), ...priceFields });

export const explanation = z.object({
  orderId: z.string(),
  status: orderStatus,
  tokenIn: symbol,
  tokenOut: symbol,
  swapMode,
  tries: z
    .array(
      z.looseObject({
        try: z.int(),
        chosenAt: z.iso.datetime().nullable(),
        computeUnits: z
          .looseObject({ units: z.int(), samples: z.int(), ageMs: z.number() })
          .nullable()
          .describe(
            'What the compute limit was taken from if the swap was not rehearsed, as in `order.submitted`',
          ),
        waits: z
          .array(z.looseObject({ cause: z.string(), endedAt: z.iso.datetime().nullable() }))
          .describe('Waits of the try, which do not count as tries'),
      }),
    )
    .describe('Each try with its candidates, its decision, its waits and the reason of its end'),
  execution: z
    .looseObject({ token: symbol, expected: amountOutput, executed: amountOutput })
    .nullable()
    .describe(
      'Causes of the difference between expected and executed amounts; null until the swap has landed',
    ),
});

export const alive = z.object({
  status: z.literal('ok'),
  timestamp: z.iso.datetime(),
  /** False while a node answers for another chain than the one that is traded on: nothing is signed then. */
  chainIdentity: z.boolean(),
});
export const readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  /** Whether each check is ok; docs/operations.md lists them. */
  checks: z.record(z.string(), z.boolean()),
  details: z.record(
    z.string(),
    z.object({
      /** Milliseconds since what the check looks at was last as it should be. */
      ageMs: z.number().optional(),
      reason: z.string().optional(),
    }),
  ),
});

/** Answer of DELETE /api/orders. */
export const canceledOrders = z.object({
  canceled: z.int().describe('Orders that are over now'),
  requested: z.int().describe('Orders with a transaction in flight: the chain decides'),
  more: z.boolean().describe('More orders fit than one request cancels: repeat it'),
});
