import { type RaydiumCpmmPool, swapCpmmExactIn, swapCpmmExactOut } from '../../src/pools/raydium-cpmm.ts';
import type { TokenIndex } from '../../src/swap.ts';
import { compareOutcome, outcomeOf, type ProgramOutcome } from './program-outcome.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { integerOf, type Json, listOf, optionOf, recordOf, textOf } from './vector-fields.ts';

const CLOCK = { slot: 0n, unixTimestamp: 0n };
const CODES = {
  '6005': ['slippage-exceeded'],
  '6006': ['zero-amount-in', 'zero-amount-out'],
  '2505': ['zero-amount-in', 'zero-amount-out'],
};

/** One execution of the Raydium CPMM program: vaults, fees owed and the user's balances must end equal. */
export function checkCpmmVector(vector: Json, config: Json): string[] {
  const after = vector.ok === true ? recordOf(vector.post, 'post') : {};
  return compareOutcome(
    vector,
    outcomeOf(() => predict(vector, config)),
    { after, codes: CODES },
  );
}

function predict(vector: Json, config: Json): ProgramOutcome {
  const before = recordOf(vector.pre, 'pre');
  const inputIndex = optionOf({ '0to1': 0, '1to0': 1 } as const, textOf(vector, 'dir'), 'dir');
  const args = listOf(vector.args, 'args').map((value) => integerOf({ value }, 'value'));
  const isExactIn = optionOf({ swap_base_input: true, swap_base_output: false }, textOf(vector, 'ix'), 'ix');
  const [first, second] = args;
  if (first === undefined || second === undefined) throw new Error('args need two amounts');

  const pool = poolOf(before, config);
  const swap = isExactIn
    ? swapCpmmExactIn(pool, { inputIndex, amountIn: first, clock: CLOCK })
    : swapCpmmExactOut(pool, { inputIndex, amountOut: second, clock: CLOCK });
  const isWithinLimit = isExactIn ? swap.amountOut >= second : swap.amountIn <= first;
  if (!isWithinLimit) return { ok: false, reason: 'slippage-exceeded' };
  const [inSide, outSide] = inputIndex === 0 ? ['0', '1'] : ['1', '0'];
  if (integerOf(before, `user${inSide}`) < swap.amountIn) return { ok: false, reason: 'insufficient-funds' };

  const after: Record<string, bigint> = {};
  for (const name of Object.keys(before)) after[name] = integerOf(before, name);
  const add = (name: string, amount: bigint) => {
    after[name] = (after[name] ?? 0n) + amount;
  };
  add(`vault${inSide}`, swap.amountIn);
  add(`vault${outSide}`, -swap.amountOut);
  add(`user${inSide}`, -swap.amountIn);
  add(`user${outSide}`, swap.amountOut);
  add(`pf${inSide}`, swap.protocolFee);
  add(`ff${inSide}`, swap.fundFee);
  return { ok: true, after };
}

function poolOf(before: Json, config: Json): RaydiumCpmmPool {
  const reserve = (index: TokenIndex) =>
    integerOf(before, `vault${index}`) - integerOf(before, `pf${index}`) - integerOf(before, `ff${index}`);
  return {
    kind: 'raydium-cpmm',
    reserves: [reserve(0), reserve(1)],
    tradeFeeRate: integerOf(config, 'tradeFeeRate'),
    protocolFeeRate: integerOf(config, 'protocolFeeRate'),
    fundFeeRate: integerOf(config, 'fundFeeRate'),
    creatorFeeRate: 0n,
    creatorFeeOn: 'input',
    window: ALWAYS_OPEN,
  };
}
