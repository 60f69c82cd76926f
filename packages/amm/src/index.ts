/** Exact integer pool mathematics and optimal routing for Solana's exchanges. Pure: no dependency, no input or output. */
export { decodeBase58, encodeBase58 } from './accounts/base58.ts';
export { InvalidAccount } from './accounts/byte-reader.ts';
export * from './accounts/meteora-damm-v2-account.ts';
export * from './accounts/meteora-dlmm-accounts.ts';
export * from './accounts/raydium-amm-v4-account.ts';
export * from './accounts/raydium-clmm-accounts.ts';
export * from './accounts/raydium-cpmm-accounts.ts';
export { decodeMint, decodeTokenAccount, type Mint, type TokenAccount } from './accounts/token-accounts.ts';
export type { PointKind, SysvarClock } from './clock.ts';
export {
  type Pool,
  type PoolKind,
  spotRate,
  swapExactIn,
  swapExactOut,
  swapPartialFill,
} from './pool.ts';
export { sqrtPriceAtTick, tickAtSqrtPrice } from './pools/clmm-tick-price.ts';
export {
  dammV2FeeSide,
  type MeteoraDammV2Pool,
  type MeteoraDammV2Swap,
  swapDammV2ExactIn,
  swapDammV2ExactOut,
} from './pools/meteora-damm-v2.ts';
export { type BaseFee, type DynamicFee, isRateLimited } from './pools/meteora-damm-v2-fee.ts';
export {
  type DlmmBin,
  dlmmBinPrice,
  type MeteoraDlmmPool,
  type MeteoraDlmmSwap,
} from './pools/meteora-dlmm.ts';
export type { RaydiumAmmV4Pool } from './pools/raydium-amm-v4.ts';
export type { ClmmTick, RaydiumClmmPool, RaydiumClmmSwap } from './pools/raydium-clmm.ts';
export {
  type RaydiumCpmmPool,
  type RaydiumCpmmSwap,
  swapCpmmExactIn,
  swapCpmmExactOut,
} from './pools/raydium-cpmm.ts';
export {
  type PoolQuoteRequest,
  type QuoteOutcome,
  quote,
  quoteExactIn,
  quoteExactOut,
  quotePartialFill,
  type SwapQuote,
  type TransferFees,
} from './quote.ts';
export {
  type RouteLeg,
  type RouteOptions,
  type RouteOutcome,
  type RoutePlan,
  type RoutePool,
  Router,
} from './routing/router.ts';
export type { LegCost, SearchLimits } from './routing/search-limits.ts';
export { InvalidBasisPoints, maxAmountIn, minAmountOut, priceImpactBps } from './slippage.ts';
export type {
  ExactInRequest,
  ExactOutRequest,
  PartialFillRequest,
  Rate,
  Swap,
  TokenIndex,
  TradingWindow,
} from './swap.ts';
export { REFUSAL_REASONS, type RefusalReason, SwapRefused } from './swap-refused.ts';
export {
  amountAfterTransferFee,
  amountBeforeTransferFee,
  type TransferFee,
  type TransferFeeConfig,
  transferFeeAt,
  transferFeeOf,
} from './transfer-fee.ts';
