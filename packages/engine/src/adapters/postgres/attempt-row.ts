import type { Attempt, AttemptState, FillAccounts } from '../../domain/attempt.ts';
import type { AttemptChange } from '../../ports/order-store.ts';

/** A row of `attempts` as `pg` reads it: bigint as strings. */
export interface AttemptRow {
  readonly order_id: string;
  readonly attempt_number: number;
  readonly signature: string;
  readonly bytes: Buffer;
  readonly last_valid_block_height: string;
  readonly signing_slot: string;
  readonly fill_accounts: FillAccounts;
  readonly state: AttemptState;
  readonly slot: string | null;
  readonly finalized: boolean;
  readonly recorded_at: Date;
}

/** Columns that recording an attempt writes, with their SQL types. */
export const ATTEMPT_COLUMNS = {
  order_id: 'text',
  attempt_number: 'integer',
  signature: 'text',
  bytes: 'bytea',
  last_valid_block_height: 'bigint',
  signing_slot: 'bigint',
  fill_accounts: 'json',
  state: 'text',
  slot: 'bigint',
  finalized: 'boolean',
  recorded_at: 'timestamptz',
} as const;

/** Columns of the recorded set of attempt changes, with their SQL types. */
export const ATTEMPT_SETTING_COLUMNS = {
  order_id: 'text',
  attempt_number: 'integer',
  from_state: 'text',
  state: 'text',
  slot: 'bigint',
  finalized: 'boolean',
} as const;

export const toAttemptRecord = (attempt: Attempt): Record<keyof typeof ATTEMPT_COLUMNS, unknown> => ({
  order_id: attempt.orderId,
  attempt_number: attempt.attemptNumber,
  signature: attempt.signature,
  bytes: `\\x${Buffer.from(attempt.bytes).toString('hex')}`,
  last_valid_block_height: attempt.lastValidBlockHeight.toString(),
  signing_slot: attempt.signingSlot.toString(),
  fill_accounts: attempt.fillAccounts,
  state: attempt.state,
  slot: attempt.slot?.toString() ?? null,
  finalized: attempt.finalized,
  recorded_at: new Date(attempt.recordedAtMs),
});

export const toSettingRecord = (
  orderId: string,
  setting: Extract<AttemptChange, { kind: 'set' }>,
): Record<keyof typeof ATTEMPT_SETTING_COLUMNS, unknown> => ({
  order_id: orderId,
  attempt_number: setting.attemptNumber,
  from_state: setting.from,
  state: setting.to,
  slot: setting.slot?.toString() ?? null,
  finalized: setting.finalized,
});

export const toAttempt = (row: AttemptRow): Attempt => ({
  orderId: row.order_id,
  attemptNumber: row.attempt_number,
  signature: row.signature,
  // A plain copy: a Buffer is a view into a larger one that `pg` reuses.
  bytes: new Uint8Array(row.bytes),
  lastValidBlockHeight: BigInt(row.last_valid_block_height),
  signingSlot: BigInt(row.signing_slot),
  fillAccounts: row.fill_accounts,
  state: row.state,
  slot: row.slot === null ? null : BigInt(row.slot),
  finalized: row.finalized,
  recordedAtMs: row.recorded_at.getTime(),
});
