import type { OrderEvent } from '../../domain/order-event.ts';

/** A row of `order_events` as `pg` reads it. */
export interface EventRow {
  readonly order_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly status: string;
  readonly occurred_at: Date;
  readonly data: unknown;
}

/** An order whose events were appended; the position of the first as `pg` reads a bigint. */
export interface PositionRow {
  readonly order_id: string;
  readonly position: string;
}

/** Columns from which an event is rebuilt, with their SQL types. */
export const EVENT_COLUMNS = {
  order_id: 'text',
  sequence: 'integer',
  type: 'text',
  status: 'text',
  occurred_at: 'timestamptz',
  data: 'jsonb',
} as const;

/** Columns that an append is given, with their SQL types. */
export const APPEND_COLUMNS = { ...EVENT_COLUMNS, account_id: 'text' } as const;

/** The events of one order. */
export const toEventRecords = (
  accountId: string,
  events: readonly OrderEvent[],
): Record<keyof typeof APPEND_COLUMNS, unknown>[] => events.map((event) => toEventRecord(accountId, event));

const toEventRecord = (
  accountId: string,
  event: OrderEvent,
): Record<keyof typeof APPEND_COLUMNS, unknown> => ({
  account_id: accountId,
  order_id: event.orderId,
  sequence: event.sequence,
  type: event.type,
  status: event.status,
  occurred_at: event.timestamp,
  data: event.data,
});

export const toEvent = (row: EventRow): OrderEvent =>
  ({
    orderId: row.order_id,
    sequence: row.sequence,
    type: row.type,
    status: row.status,
    timestamp: row.occurred_at.toISOString(),
    data: row.data,
  }) as OrderEvent;
