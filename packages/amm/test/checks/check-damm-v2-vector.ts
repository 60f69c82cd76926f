import { type MeteoraDammV2Pool, swapDammV2ExactIn } from '../../src/pools/meteora-damm-v2.ts';
import { compareOutcome, outcomeOf, type ProgramOutcome } from './program-outcome.ts';
import { COLLECT_FEE_MODES } from './read-meteora-damm-v2.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { integerOf, type Json, optionOf, recordOf, textOf } from './vector-fields.ts';

const CLOCK = { slot: 0n, unixTimestamp: 0n };
const CODES = { '6002': ['slippage-exceeded'] };

/** One execution of the Meteora DAMM v2 program: pool fields and the user's balance changes must end equal. */
export function checkDammV2Vector(vector: Json): string[] {
  const after =
    vector.ok === true
      ? { ...recordOf(vector.post, 'post'), deltaA: vector.deltaA, deltaB: vector.deltaB }
      : {};
  return compareOutcome(
    vector,
    outcomeOf(() => predict(vector)),
    { after, codes: CODES },
  );
}

function predict(vector: Json): ProgramOutcome {
  const before = recordOf(vector.pre, 'pre');
  const inputIndex = optionOf({ AtoB: 0, BtoA: 1 } as const, textOf(vector, 'dir'), 'dir');
  const amountIn = integerOf(vector, 'amountIn');
  const swap = swapDammV2ExactIn(poolOf(vector, before), { inputIndex, amountIn, clock: CLOCK });
  if (swap.amountOut < integerOf(vector, 'minOut')) return { ok: false, reason: 'slippage-exceeded' };

  const isFeeInA = (inputIndex === 0) === (swap.feeSide === 'input');
  const spent = -swap.amountIn;
  const after: Record<string, bigint> = {};
  for (const name of Object.keys(before)) after[name] = integerOf(before, name);
  after.sqrtPrice = swap.nextSqrtPrice ?? integerOf(before, 'sqrtPrice');
  after.protocolA = integerOf(before, 'protocolA') + (isFeeInA ? swap.protocolFee : 0n);
  after.protocolB = integerOf(before, 'protocolB') + (isFeeInA ? 0n : swap.protocolFee);
  after.deltaA = inputIndex === 0 ? spent : swap.amountOut;
  after.deltaB = inputIndex === 0 ? swap.amountOut : spent;
  return { ok: true, after };
}

function poolOf(vector: Json, before: Json): MeteoraDammV2Pool {
  const sqrtPrice = integerOf(before, 'sqrtPrice');
  return {
    kind: 'meteora-damm-v2',
    sqrtPrice,
    sqrtMinPrice: integerOf(before, 'sqrtMin'),
    sqrtMaxPrice: integerOf(before, 'sqrtMax'),
    liquidity: integerOf(before, 'liquidity'),
    collectFeeMode: optionOf(COLLECT_FEE_MODES, String(vector.collectFeeMode), 'collectFeeMode'),
    reserves: [0n, 0n],
    feeVersion: 0,
    activationPoint: 0n,
    pointKind: 'timestamp',
    initialSqrtPrice: sqrtPrice,
    protocolFeePercent: integerOf(before, 'protocolFeePercent'),
    compoundingFeeBps: 0n,
    baseFee: {
      kind: 'time-scheduler',
      shape: 'linear',
      cliffFeeNumerator: integerOf(vector, 'cliffFeeNumerator'),
      numberOfPeriods: 0n,
      periodFrequency: 0n,
      reductionFactor: 0n,
    },
    dynamicFee: null,
    window: ALWAYS_OPEN,
  };
}
