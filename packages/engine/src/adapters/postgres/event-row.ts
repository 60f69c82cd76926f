import { eventText } from '../../domain/event-text.ts';
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
  data: 'json',
} as const;

/** Members of an event's text as it is appended, with their SQL types. */
export const APPENDED_MEMBERS = {
  accountId: 'text',
  orderId: 'text',
  sequence: 'integer',
  type: 'text',
  status: 'text',
  timestamp: 'timestamptz',
  data: 'json',
} as const;

/** Events of one account as members of a JSON array. */
export const toAppended = (accountId: string, events: readonly OrderEvent[]): string[] =>
  events.map((event) => `{"accountId":${JSON.stringify(accountId)},${eventText(event).slice(1)}`);

export const toEvent = (row: EventRow): OrderEvent =>
  ({
    orderId: row.order_id,
    sequence: row.sequence,
    type: row.type,
    status: row.status,
    timestamp: row.occurred_at.toISOString(),
    data: row.data,
  }) as OrderEvent;
