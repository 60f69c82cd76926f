import { type EpochMs, toTimestamp } from '../domain/timestamp.ts';

export type SubmitRefusalCode =
  | 'unknown_token'
  | 'same_token'
  | 'no_pool'
  | 'invalid_amount'
  | 'too_many_decimals'
  | 'amount_out_of_range'
  | 'invalid_price'
  | 'not_amendable'
  | 'already_expired'
  | 'scenarios_unavailable';

export interface SubmitRefusal {
  readonly outcome: 'refused';
  readonly code: SubmitRefusalCode;
  /** Field of the request that is at fault. */
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
}

export function unknownToken(field: string, text: string): SubmitRefusal {
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return refused(
    'unknown_token',
    field,
    `${field} "${shown}" is not a token that can be traded here.`,
    'GET /api/tokens lists symbols and mints.',
  );
}

export const alreadyExpired = (nowMs: EpochMs): SubmitRefusal =>
  refused(
    'already_expired',
    'expiresAt',
    'expiresAt is not in the future.',
    `Send a later time, or none; it is ${toTimestamp(nowMs)} here.`,
  );

export const refused = (
  code: SubmitRefusalCode,
  field: string,
  reason: string,
  hint: string,
): SubmitRefusal => ({
  outcome: 'refused',
  code,
  field,
  reason,
  hint,
});
