import { type ExecuteOrderBody, executeOrderBody, hintOf } from '@oee/api-schema';
import { DEFAULT_SLIPPAGE_BPS } from '../accept-order.ts';
import { ProblemError } from '../problems.ts';
import { requirePlainAmount, type SentBody } from '../sent-amount.ts';
import type { Dialect } from './dialect.ts';
import { findField } from './find-field.ts';

/** Digits behind the point that make a basis point, and the bounds, both included. */
const UNITS = {
  slippageTolerance: {
    decimals: 2,
    leastBps: 0,
    mostBps: 10_000,
  },
  max_slippage: {
    decimals: 4,
    leastBps: 100,
    mostBps: 5_000,
  },
} as const;

/** What the original assumes where the body names no tolerance. */
const ABSENT_BPS: Partial<Record<Dialect, number>> = { token_in: 500 };

/**
 * Basis points of a percentage or a fraction. Parts of a basis point are cut off: the tolerance never widens.
 * @throws {ProblemError} `invalid_request`: outside the field's bounds, or positive and under a basis point.
 */
export function readSlippageBps(sent: SentBody<ExecuteOrderBody>, dialect: Dialect): number {
  const slippage = findField(sent.body, 'slippage');
  if (!slippage) return ABSENT_BPS[dialect] ?? DEFAULT_SLIPPAGE_BPS;
  const { name } = slippage;
  const { decimals, leastBps, mostBps } = UNITS[name];
  const hint = hintOf(executeOrderBody, name);
  const refuse = (what: string): ProblemError =>
    new ProblemError('invalid_request', {
      detail: `${name} is ${what}.`,
      field: name,
      ...(hint && { hint }),
    });

  const [whole = '', fraction = ''] = requirePlainAmount(sent, name).split('.');
  if (whole.length > 20) throw refuse(`more than ${mostBps / 100} %`);
  const bps = Number(whole + fraction.padEnd(decimals, '0').slice(0, decimals));
  const isMore = /[1-9]/.test(fraction.slice(decimals));
  if (bps > mostBps || (bps === mostBps && isMore)) throw refuse(`more than ${mostBps / 100} %`);
  if (bps < leastBps) throw refuse(`less than ${leastBps / 100} %`);
  if (bps === 0 && isMore) throw refuse('less than 0.01 %');
  return bps;
}
