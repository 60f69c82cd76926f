import type { AccountId, OrderId } from '../../../domain/order.ts';
import type { OrderEvent } from '../../../domain/order-event.ts';
import { fromTimestamp } from '../../../domain/timestamp.ts';
import { rowType } from './row-type.ts';

/** A row of `order_events` as `pg` reads it. */
export interface EventRow {
  readonly order_id: OrderId;
  readonly sequence: number;
  readonly type: string;
  readonly status: string;
  readonly occurred_at: Date;
  readonly data: unknown;
}

/** An order whose events were appended; the position of the first as `pg` reads a bigint. */
export interface PositionRow {
  readonly order_id: OrderId;
  readonly position: string;
}

/** Columns from which an event is rebuilt, with their SQL types. */
export const EVENT_COLUMNS = {
  order_id: 'text',
  sequence: 'integer',
  type: 'text',
  status: 'text',
  occurred_at: 'timestamptz',
  data: 'json',
} as const;

/** Rows of new events. */
export const NEW_EVENT = rowType('new_event', { account_id: 'text', ...EVENT_COLUMNS });

export const toEventRecord = (
  accountId: AccountId,
  event: OrderEvent,
): Record<'account_id' | keyof typeof EVENT_COLUMNS, unknown> => ({
  account_id: accountId,
  order_id: event.orderId,
  sequence: event.sequence,
  type: event.type,
  status: event.status,
  occurred_at: fromTimestamp(event.timestamp),
  data: JSON.stringify(event.data),
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
