import type { PoolState } from '../../domain/pool-state.ts';
import type { Quote, QuoteAnswer, QuoteRequest } from '../../domain/quote.ts';
import type { Venue } from '../../ports/venue.ts';
import type { MemoryChain } from './chain.ts';
import { encodeSwap, MEMORY_PROGRAM } from './message.ts';
import { feeOn, type MemoryPool, movedBy, vaultOf } from './pool.ts';

/** One venue of the in-process exchange: quotes its pools from the chain's newest balances. */
export function createMemoryVenue(name: string, pools: readonly MemoryPool[], chain: MemoryChain): Venue {
  const own = pools.filter(({ venue }) => venue === name);
  return {
    name,
    pools: () =>
      own.map((pool) => ({
        venue: name,
        address: pool.address,
        kind: 'memory',
        tokenA: pool.tokenA,
        tokenB: pool.tokenB,
        feeBps: pool.feeBps,
        reserveA: chain.balanceOf(vaultOf(pool, pool.tokenA)),
        reserveB: chain.balanceOf(vaultOf(pool, pool.tokenB)),
        slot: chain.slot(),
      })),
    quote: async (request) =>
      own
        .filter((pool) => hasPair(pool, request))
        .map((pool): QuoteAnswer => {
          const quote = quotePool(pool, request, chain);
          return quote
            ? { outcome: 'quoted', quote, answerMs: 0 }
            : {
                outcome: 'refused',
                venue: name,
                pool: pool.address,
                code: 'refused_by_pool',
                reason: 'the pool cannot fill this amount',
                answerMs: 0,
              };
        }),
    market: async () => ({
      slot: chain.slot(),
      clock: { slot: chain.slot(), unixTimestamp: chain.slot() },
      pools: own.map((pool) => stateOf(pool, chain)),
    }),
    swapInstructions: ({ leg, payer, tokenAccountIn, tokenAccountOut, swapMode, amountIn, amountOut }) => ({
      instructions: [
        {
          programAddress: MEMORY_PROGRAM,
          accounts: [
            { address: payer, signer: true, writable: true },
            { address: tokenAccountIn, signer: false, writable: true },
            { address: tokenAccountOut, signer: false, writable: true },
          ],
          data: encodeSwap({ pool: leg.pool, mintIn: leg.tokenIn.mint, swapMode, amountIn, amountOut }),
        },
      ],
      lookupTables: [],
    }),
  };
}

/** The exchange follows the rules of a CPMM whose only fee stays in the pool. */
function stateOf(pool: MemoryPool, chain: MemoryChain): PoolState {
  const tokens = [pool.tokenA, pool.tokenB] as const;
  const vaults = [vaultOf(pool, pool.tokenA), vaultOf(pool, pool.tokenB)] as const;
  return {
    venue: pool.venue,
    address: pool.address,
    kind: 'memory',
    tokens,
    vaults,
    pool: {
      kind: 'raydium-cpmm',
      reserves: [chain.balanceOf(vaults[0]), chain.balanceOf(vaults[1])],
      tradeFeeRate: BigInt(pool.feeBps) * 100n,
      protocolFeeRate: 0n,
      fundFeeRate: 0n,
      creatorFeeRate: 0n,
      creatorFeeOn: 'input',
      window: { isEnabled: true, opensAt: 0n, pointKind: 'slot' },
    },
    transferFees: [null, null],
    cost: { accounts: 3, bytes: 200, computeUnits: 30_000 },
  };
}

function hasPair({ tokenA, tokenB }: MemoryPool, { tokenIn, tokenOut }: QuoteRequest): boolean {
  const mints = [tokenA.mint, tokenB.mint];
  return mints.includes(tokenIn.mint) && mints.includes(tokenOut.mint);
}

function quotePool(pool: MemoryPool, request: QuoteRequest, chain: MemoryChain): Quote | null {
  const { tokenIn, tokenOut, swapMode, amount } = request;
  const vaultIn = vaultOf(pool, tokenIn);
  const vaultOut = vaultOf(pool, tokenOut);
  const reserves = {
    reserveIn: chain.balanceOf(vaultIn),
    reserveOut: chain.balanceOf(vaultOut),
    feeBps: pool.feeBps,
  };
  const { amountIn, amountOut } = movedBy(reserves, swapMode, amount);
  if (amountIn === null || amountOut === null) return null;
  const fee = feeOn(amountIn, pool.feeBps);
  const leg = {
    venue: pool.venue,
    pool: pool.address,
    poolKind: 'memory',
    tokenIn,
    tokenOut,
    amountIn,
    amountOut,
    fee,
    feeToken: tokenIn,
    vaultIn,
    vaultOut,
  };
  // Against the price of an infinitely small swap after fees.
  const ideal = ((amountIn - fee) * reserves.reserveOut) / reserves.reserveIn;
  const priceImpactBps = ideal > amountOut ? Number(((ideal - amountOut) * 10_000n) / ideal) : 0;
  return {
    venue: pool.venue,
    route: { legs: [leg], amountIn, amountOut },
    priceImpactBps,
    slot: chain.slot(),
    spotAmount: swapMode !== 'exactOut' || ideal === 0n ? ideal : (amountIn * amountOut) / ideal,
  };
}
