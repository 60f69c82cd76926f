import type { SysvarClock } from '../clock.ts';
import { ceilDiv, minOf, requireU64, shiftRightCeil, U64_MAX } from '../integer.ts';
import { ONE_Q64, powQ64 } from '../q64.ts';
import type { ExactInRequest, ExactOutRequest, Rate, Swap, TokenIndex, TradingWindow } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';
import {
  type DlmmFeeFields,
  dlmmFeeRate,
  FEE_PRECISION,
  feeOfGross,
  feeOnTop,
  referenceAt,
  splitDlmmFee,
  type VolatilityReference,
} from './meteora-dlmm-fee.ts';

/** One bin: all of its liquidity trades at one price. */
export interface DlmmBin {
  readonly id: number;
  /** Liquidity of positions, base units of X and Y. */
  readonly amounts: readonly [bigint, bigint];
  /** Y per X, Q64.64. */
  readonly price: bigint;
  /** Limit orders: `processed` fills before `open`. Ask orders sell X, bid orders sell Y. */
  readonly orders: { readonly side: 'ask' | 'bid'; readonly open: bigint; readonly processed: bigint } | null;
}

/**
 * A Meteora DLMM pool (token 0 is X, token 1 is Y).
 * Source of the formulas: MeteoraAg/dlmm-sdk, commons/src (docs/routing.md); bins ascending by id, empty ones left out.
 */
export interface MeteoraDlmmPool extends DlmmFeeFields {
  readonly kind: 'meteora-dlmm';
  readonly activeId: number;
  readonly collectFeeMode: 'input' | 'token-y';
  readonly hasLimitOrders: boolean;
  readonly bins: readonly DlmmBin[];
  readonly window: TradingWindow;
}

export interface MeteoraDlmmSwap extends Swap {
  readonly feeSide: 'input' | 'output';
  readonly fee: bigint;
  readonly protocolFee: bigint;
  readonly lpFee: bigint;
  readonly binsUsed: number;
  /** Id of the last bin that traded. */
  readonly lastBin: number;
}

/** Price of a bin, Y per X in Q64.64. */
export function dlmmBinPrice(binStep: number, id: number): bigint {
  return powQ64(ONE_Q64 + (BigInt(binStep) << 64n) / 10_000n, id);
}

/**
 * Exact-in swap. The program fails if input remains when the bins run out, so such a swap is refused.
 *
 * @throws {SwapRefused} Zero in, zero out, not enough liquidity, or a value over 64 bits.
 */
export function swapDlmmExactIn(pool: MeteoraDlmmPool, request: ExactInRequest): MeteoraDlmmSwap {
  requireU64(request.amountIn);
  if (request.amountIn === 0n) throw new SwapRefused('zero-amount-in');
  return walk(pool, request, request.amountIn, (bin, left) => {
    const fill = fillExactIn(bin, left);
    return { fill, left: left - fill.amountIn };
  });
}

/**
 * Exact-out swap.
 *
 * @throws {SwapRefused} Zero out, not enough liquidity, or a value over 64 bits.
 */
export function swapDlmmExactOut(pool: MeteoraDlmmPool, request: ExactOutRequest): MeteoraDlmmSwap {
  requireU64(request.amountOut);
  if (request.amountOut === 0n) throw new SwapRefused('zero-amount-out');
  return walk(pool, request, request.amountOut, (bin, left) => {
    const fill = fillExactOut(bin, left);
    return { fill, left: left - fill.amountOut };
  });
}

export function dlmmFeeSide(pool: MeteoraDlmmPool, inputIndex: TokenIndex): 'input' | 'output' {
  return pool.collectFeeMode === 'input' || inputIndex === 1 ? 'input' : 'output';
}

/** Output per input of an infinitely small swap, after fees: the price of the first bin that can trade. */
export function dlmmSpotRate(pool: MeteoraDlmmPool, inputIndex: TokenIndex, clock: SysvarClock): Rate {
  for (const bin of binsAhead(pool, inputIndex)) {
    if (layersOf(pool, bin, inputIndex).every((amount) => amount === 0n)) continue;
    const rate = dlmmFeeRate(pool, referenceAt(pool, clock), bin.id);
    const kept = FEE_PRECISION - rate;
    return inputIndex === 0
      ? { numerator: bin.price * kept, denominator: ONE_Q64 * FEE_PRECISION }
      : { numerator: ONE_Q64 * kept, denominator: bin.price * FEE_PRECISION };
  }
  throw new SwapRefused('insufficient-liquidity');
}

/** One bin in a swap: its available output, layer by layer, and its fee. */
interface OpenBin {
  readonly id: number;
  readonly price: bigint;
  readonly inputIndex: TokenIndex;
  readonly feeSide: 'input' | 'output';
  readonly feeRate: bigint;
  /** Output available: positions, processed orders, open orders. */
  readonly layers: readonly bigint[];
  readonly protocolShare: bigint;
}

interface Fill {
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly fee: bigint;
  readonly protocolFee: bigint;
}

/** The bins that can trade, nearest first, with their fees at `clock`. */
function* openBins(pool: MeteoraDlmmPool, inputIndex: TokenIndex, clock: SysvarClock): Generator<OpenBin> {
  const reference: VolatilityReference = referenceAt(pool, clock);
  const feeSide = dlmmFeeSide(pool, inputIndex);
  for (const bin of binsAhead(pool, inputIndex)) {
    const layers = layersOf(pool, bin, inputIndex);
    if (layers.every((amount) => amount === 0n)) continue;
    const feeRate = dlmmFeeRate(pool, reference, bin.id);
    const { protocolShare } = pool;
    yield { id: bin.id, price: bin.price, inputIndex, feeSide, feeRate, layers, protocolShare };
  }
}

function walk(
  pool: MeteoraDlmmPool,
  request: { inputIndex: TokenIndex; clock: SysvarClock },
  amount: bigint,
  step: (bin: OpenBin, left: bigint) => { fill: Fill; left: bigint },
): MeteoraDlmmSwap {
  const feeSide = dlmmFeeSide(pool, request.inputIndex);
  const total = {
    amountIn: 0n,
    amountOut: 0n,
    fee: 0n,
    protocolFee: 0n,
    binsUsed: 0,
    lastBin: pool.activeId,
  };
  let left = amount;
  for (const bin of openBins(pool, request.inputIndex, request.clock)) {
    const { fill, left: leftAfter } = step(bin, left);
    left = leftAfter;
    total.amountIn += fill.amountIn;
    total.amountOut += fill.amountOut;
    total.fee += fill.fee;
    total.protocolFee += fill.protocolFee;
    total.binsUsed += 1;
    total.lastBin = bin.id;
    if (left === 0n) break;
  }
  if (left > 0n) throw new SwapRefused('insufficient-liquidity');
  requireU64(total.amountIn);
  requireU64(total.amountOut);
  if (total.amountOut === 0n) throw new SwapRefused('zero-amount-out');
  const [feeIn, feeOut] = feeSide === 'input' ? [total.fee, 0n] : [0n, total.fee];
  return { ...total, feeSide, feeIn, feeOut, lpFee: total.fee - total.protocolFee };
}

function fillExactIn(bin: OpenBin, available: bigint): Fill {
  const isFeeOnInput = bin.feeSide === 'input';
  let fee = isFeeOnInput ? feeOfGross(available, bin.feeRate) : 0n;
  const { used, out, usedByPositions } = fillLayers(bin, available - fee);
  let amountIn = available;
  if (used < available - fee) {
    if (isFeeOnInput) fee = feeOnTop(used, bin.feeRate);
    amountIn = used + fee;
  }
  if (!isFeeOnInput) fee = feeOfGross(out, bin.feeRate);
  const protocolFee = splitDlmmFee({ fee, used, usedByPositions, protocolShare: bin.protocolShare });
  return { amountIn, amountOut: isFeeOnInput ? out : out - fee, fee, protocolFee };
}

/** Takes the layers in turn; the last one gives the output that the rest of the input buys, rounded down. */
function fillLayers(bin: OpenBin, amount: bigint) {
  let left = amount;
  let out = 0n;
  let usedByPositions = 0n;
  for (const [index, available] of bin.layers.entries()) {
    if (available === 0n) continue;
    const capacity = requireU64(inputFor(bin, available));
    const isDrained = left >= capacity;
    const taken = isDrained ? capacity : left;
    out += isDrained ? available : requireU64(outputFor(bin, left));
    left -= taken;
    if (index === 0) usedByPositions = taken;
    if (left === 0n) break;
  }
  return { used: amount - left, out, usedByPositions };
}

function fillExactOut(bin: OpenBin, wanted: bigint): Fill {
  const isFeeOnInput = bin.feeSide === 'input';
  const gross = isFeeOnInput ? wanted : requireU64(wanted + feeOnTop(wanted, bin.feeRate));
  const capacity = minOf(
    bin.layers.reduce((sum, amount) => sum + amount, 0n),
    U64_MAX,
  );
  if (gross >= capacity) {
    const drained = fillExactIn(bin, U64_MAX);
    // A fee on the output can leave one unit more than requested.
    return drained.amountOut <= wanted ? drained : { ...drained, amountOut: wanted };
  }
  let left = gross;
  let netIn = 0n;
  for (const available of bin.layers) {
    const taken = minOf(left, available);
    netIn += inputFor(bin, taken);
    left -= taken;
  }
  // If the layers' inputs, each rounded up, sum to more, builds of the program that compute one input give too little
  // output.
  if (inputFor(bin, gross) < netIn) throw new SwapRefused('not-exact');
  const amountIn = requireU64(isFeeOnInput ? netIn + feeOnTop(netIn, bin.feeRate) : netIn);
  const fill = fillExactIn(bin, amountIn);
  const surplus = fill.amountOut - wanted;
  // The program keeps the rounding surplus; a single unit is ignored.
  const protocolFee = surplus > 1n ? fill.protocolFee + surplus : fill.protocolFee;
  return { ...fill, amountOut: wanted, protocolFee };
}

function inputFor(bin: OpenBin, out: bigint): bigint {
  return bin.inputIndex === 0 ? ceilDiv(out << 64n, bin.price) : shiftRightCeil(out * bin.price, 64n);
}

function outputFor(bin: OpenBin, input: bigint): bigint {
  return bin.inputIndex === 0 ? (bin.price * input) >> 64n : (input << 64n) / bin.price;
}

function layersOf(pool: MeteoraDlmmPool, bin: DlmmBin, inputIndex: TokenIndex): readonly bigint[] {
  const positions = inputIndex === 0 ? bin.amounts[1] : bin.amounts[0];
  const side = inputIndex === 0 ? 'bid' : 'ask';
  if (!pool.hasLimitOrders || bin.orders?.side !== side) return [positions];
  return [positions, bin.orders.processed, bin.orders.open];
}

function* binsAhead(pool: MeteoraDlmmPool, inputIndex: TokenIndex): Generator<DlmmBin> {
  const { bins, activeId } = pool;
  if (inputIndex === 1) {
    for (const bin of bins) if (bin.id >= activeId) yield bin;
    return;
  }
  for (let index = bins.length - 1; index >= 0; index -= 1) {
    const bin = bins[index]!;
    if (bin.id <= activeId) yield bin;
  }
}
