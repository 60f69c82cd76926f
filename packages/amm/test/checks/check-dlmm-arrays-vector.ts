import { DLMM_BINS_PER_ARRAY } from '../../src/accounts/meteora-dlmm-accounts.ts';
import {
  type DlmmBin,
  dlmmBinPrice,
  type MeteoraDlmmPool,
  swapDlmmExactIn,
} from '../../src/pools/meteora-dlmm.ts';
import { compareOutcome, outcomeOf, type ProgramOutcome } from './program-outcome.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { flagOf, integerOf, type Json, listOf, numberOf } from './vector-fields.ts';

/** Account missing, and the bitmap extension missing: the walk came to an array that the instruction does not give. */
const CODES = { '3005': ['insufficient-liquidity'], '6036': ['insufficient-liquidity'] };

/** One swap of the Meteora DLMM program with its bin arrays named in some order: what it gives must be what is quoted. */
export function checkDlmmArraysVector(vector: Json, pool: Json): string[] {
  const ok = vector.code === undefined;
  return compareOutcome(
    { ok, error: vector.code ?? null },
    outcomeOf(() => predict(vector, pool)),
    { after: ok ? { amountOut: vector.amountOut } : {}, codes: CODES },
  );
}

function predict(vector: Json, settings: Json): ProgramOutcome {
  const isXToY = flagOf(vector, 'isXToY');
  const named = listOf(vector.arrays, 'arrays').map(Number);
  const pool = poolOf(settings);
  const reached = reachedArrays(pool, { isXToY, named });
  const bins = pool.bins.filter(({ id }) => reached.includes(arrayOf(id)));
  const amountIn = integerOf(vector, 'amountIn');
  const clock = { slot: 0n, unixTimestamp: 0n };
  const { amountOut } = swapDlmmExactIn({ ...pool, bins }, { inputIndex: isXToY ? 0 : 1, amountIn, clock });
  return { ok: true, after: { amountOut } };
}

/** The program takes the arrays in the order of the walk, and does not come back to one that it has passed by. */
function reachedArrays(
  { bins, activeId }: MeteoraDlmmPool,
  { isXToY, named }: { isXToY: boolean; named: readonly number[] },
): number[] {
  const held = [...new Set(bins.map(({ id }) => arrayOf(id)))];
  const walked = isXToY ? held.reverse() : held;
  const ahead = walked.slice(walked.indexOf(arrayOf(activeId)));
  let next = 0;
  for (const [reached, index] of ahead.entries()) {
    const found = named.indexOf(index, next);
    if (found < 0) return ahead.slice(0, reached);
    next = found + 1;
  }
  return ahead;
}

const arrayOf = (id: number): number => Math.floor(id / DLMM_BINS_PER_ARRAY);

function poolOf(settings: Json): MeteoraDlmmPool {
  const [activeId, firstBin, lastBin] = (['activeId', 'firstBin', 'lastBin'] as const).map((name) =>
    numberOf(settings, name),
  ) as [number, number, number];
  const [binStep, perBin] = [numberOf(settings, 'binStep'), integerOf(settings, 'perBin')];
  const bins = Array.from({ length: lastBin - firstBin + 1 }, (_, index): DlmmBin => {
    const id = firstBin + index;
    const amounts = [id >= activeId ? perBin : 0n, id <= activeId ? perBin : 0n] as const;
    return { id, amounts, price: dlmmBinPrice(binStep, id), orders: null };
  });
  return {
    kind: 'meteora-dlmm',
    activeId,
    binStep: BigInt(binStep),
    baseFactor: integerOf(settings, 'baseFactor'),
    baseFeePowerFactor: 0n,
    variableFeeControl: 0n,
    filterPeriod: 0n,
    decayPeriod: 0n,
    reductionFactor: 0n,
    maxVolatilityAccumulator: 0n,
    protocolShare: 0n,
    collectFeeMode: 'input',
    hasLimitOrders: false,
    volatility: { accumulator: 0n, reference: 0n, indexReference: activeId, lastUpdateAt: 0n },
    bins,
    window: ALWAYS_OPEN,
  };
}
