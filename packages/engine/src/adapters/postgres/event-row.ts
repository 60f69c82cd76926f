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

/** Columns that an append writes, with their SQL types. */
export const EVENT_COLUMNS = {
  order_id: 'text',
  sequence: 'integer',
  type: 'text',
  status: 'text',
  occurred_at: 'timestamptz',
  data: 'jsonb',
} as const;

export const toEventRecord = (event: OrderEvent): Record<keyof typeof EVENT_COLUMNS, unknown> => ({
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
