import { TOKEN_PROGRAM } from '@oee/solana';
import type { Order, OrderRequest } from '../../../domain/order.ts';
import { BLANK_FILL, BLANK_ORDER, BLANK_REQUEST } from './blank-order.ts';
import { documentText, type Elsewhere } from './document.ts';
import type { SqlType } from './recordset.ts';

/** A column of `orders` that has something of `Whole`: its SQL type, what it has, and what it means (docs/schema.md). */
interface Column<Whole, T extends SqlType = SqlType, F = keyof Whole | ((whole: Whole) => unknown)> {
  readonly type: T;
  /** The field that it has, or what else. */
  readonly from: F;
  readonly meaning: string;
}

type ColumnsOf<Whole> = Readonly<Record<string, Column<Whole>>>;

/**
 * What of a request statements filter, join or order by, and the rest of it as one document. A submission writes them, and nothing
 * changes them. A field that no statement needs is in the document by itself.
 */
export const REQUEST_COLUMNS = {
  order_id: { type: 'text', from: 'orderId', meaning: 'UUIDv7; sorts by creation. Never null.' },
  account_id: { type: 'text', from: 'accountId', meaning: 'Whose order it is. Never null.' },
  client_order_id: {
    type: 'text',
    from: 'clientOrderId',
    meaning: "The caller's own id, unique in the account. Null if the caller gave none.",
  },
  held_until: {
    type: 'timestamptz',
    from: 'heldUntilMs',
    meaning:
      'It starts when its first stream connects and expires if none did by then. Null when it starts at once.',
  },
  mint_in: {
    type: 'text',
    from: ({ tokenIn }) => tokenIn.mint,
    meaning: 'Mint of the token spent, base58. Never null.',
  },
  mint_out: {
    type: 'text',
    from: ({ tokenOut }) => tokenOut.mint,
    meaning: 'Mint of the token received, base58. Never null.',
  },
  request: {
    type: 'json',
    from: (request) => documentText(request, elsewhereOf(request), USUAL_REQUEST),
    meaning:
      'The rest of what was asked for, written once: the fields of `OrderRequest`, amounts as strings, without what is null or usual. Never null.',
  },
} as const satisfies ColumnsOf<OrderRequest>;

/** The fields of an order's state by which statements filter, join or compare, and its other fields as one document. Each change writes them. */
export const STATE_COLUMNS = {
  status: { type: 'text', from: 'status', meaning: 'Status after the last event. Never null.' },
  sequence: { type: 'integer', from: 'sequence', meaning: 'Sequence of the last event, from 1. Never null.' },
  attempt_number: {
    type: 'integer',
    from: 'attemptNumber',
    meaning: 'Number of the last recorded attempt, 0 before the first. Never null.',
  },
  slot: { type: 'bigint', from: 'slot', meaning: 'Slot in which the fill executed. Null unless confirmed.' },
  cancel_requested: {
    type: 'boolean',
    from: 'cancelRequested',
    meaning:
      'A cancel was requested while an attempt was open; the store records no attempt any more. Never null.',
  },
  needs_review: {
    type: 'boolean',
    from: 'needsReview',
    meaning:
      "No node's history can show what became of it: the store records no attempt until that is decided. Never null.",
  },
  finalized: {
    type: 'boolean',
    from: 'finalized',
    meaning: 'The fill was read again at commitment finalized. Never null.',
  },
  waiting_for: {
    type: 'text',
    from: 'waitingFor',
    meaning: 'What it waits for, such as chain_unavailable. Null while it does not wait.',
  },
  signature: {
    type: 'text',
    from: 'signature',
    meaning: 'Signature of the last attempt, base58. Null before the first.',
  },
  state: {
    type: 'json',
    from: (order) => documentText(order, OF_STATE, USUAL_STATE),
    meaning:
      'The rest of what its events fold to: the other fields of `Order`, amounts as strings, without what is null or usual. Never null.',
  },
} as const satisfies ColumnsOf<Order>;

/** What the store keeps of an order for itself. */
export const KEPT_COLUMNS = {
  idempotency_key:
    'Header Idempotency-Key of a submission on its way to idempotency_keys. Null once stored; not read of older rows.',
  fingerprint: 'SHA-256 of what the request means, base64. Never null.',
  fence: 'Raised by each claim; a writer with a lower one is refused. Never null.',
  lease_until: "End of the current lease, by the database's clock. Null without a lease.",
  due_at: "From when it may be claimed, by the database's clock. Null while it is over or open.",
  awaits_finality: 'It is confirmed, and the block is not final yet. Never null.',
  is_held: 'It rests until held_until, unless its stream starts it before. Never null.',
  settled_as:
    'Its status while no worker has to go on with it: over, and final if confirmed, or open. Null otherwise.',
} as const;

const elsewhere = (columns: ColumnsOf<never>): Elsewhere =>
  Object.fromEntries(
    Object.values<{ from: unknown }>(columns).flatMap(({ from }) =>
      typeof from === 'string' ? [[from, true]] : [],
    ),
  );

const { tokenIn: _in, tokenOut: _out, ...USUAL_REQUEST } = BLANK_REQUEST;
const USUAL_STATE = { ...BLANK_ORDER, fill: BLANK_FILL };

/** Nearly every token has the same token program, which is left out. */
const elsewhereOf = ({ tokenIn, tokenOut }: OrderRequest): Elsewhere => ({
  ...OF_REQUEST,
  tokenIn: tokenIn.tokenProgram === TOKEN_PROGRAM ? MINT_AND_PROGRAM : MINT,
  tokenOut: tokenOut.tokenProgram === TOKEN_PROGRAM ? MINT_AND_PROGRAM : MINT,
});

const MINT: Elsewhere = { mint: true };
const MINT_AND_PROGRAM: Elsewhere = { mint: true, tokenProgram: true };
/** What is in columns of its own, so not in a document. */
const OF_REQUEST = elsewhere(REQUEST_COLUMNS);
const OF_STATE: Elsewhere = { ...elsewhere(STATE_COLUMNS), request: true };
