import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { SubmissionKeys, SubmitOutcome } from '../../ports/order-store.ts';
import { inTransaction } from './in-transaction.ts';
import { NEW_EVENT, type PositionRow, toEventRecord } from './rows/event-row.ts';
import { type OrderRow, toOrder } from './rows/order-row.ts';
import { toRecordset } from './rows/recordset.ts';
import { encodeRows } from './rows/row-type.ts';
import { BIND_KEYS_SQL, FIND_KNOWN_SQL, KEY_COLUMNS, NEW_ORDER, SUBMIT_SQL } from './sql/submit.ts';

export interface Submission {
  readonly order: Order;
  readonly events: readonly OrderEvent[];
  readonly keys: SubmissionKeys;
  /** The order is born with a lease of so long; null without one. */
  readonly leaseMs: number | null;
  /** Nothing is stored: it is only asked what an earlier submission with one of its keys has come to. */
  readonly isRepeat?: true;
}

/** An outcome, or what the caller did wrong: it must not fail the rest of the group, which is committed. */
type SubmitResult = SubmitOutcome | Unknown | { readonly outcome: 'refused'; readonly error: Error };

/** A repeat of which there is no earlier submission. */
interface Unknown {
  readonly outcome: 'unknown';
}

/** Stores a group of orders, each with its events and keys, in one commit. Order ids in a group differ. */
export async function submitOrders(
  pool: pg.Pool,
  submissions: readonly Submission[],
): Promise<readonly SubmitResult[]> {
  const repeats = submissions.filter(({ isRepeat }) => isRepeat);
  if (repeats.length > 0) await awaitOthers(pool, repeats);
  const values = valuesOf(submissions.filter(({ isRepeat }) => !isRepeat));
  const { rows } = await pool.query<PositionRow>({ name: 'submit', text: SUBMIT_SQL, values });
  const created = new Map(rows.map((row) => [row.order_id, Number(row.position)]));
  const rest = submissions.filter(({ order }) => !created.has(order.request.orderId));
  const known = rest.length > 0 ? await findKnown(pool, rest) : [];
  const results = submissions.map((submission): SubmitResult => {
    const position = created.get(submission.order.request.orderId);
    return position === undefined ? outcomeOf(submission, known) : { outcome: 'created', position };
  });
  return bindKeys(pool, { submissions, known, results });
}

function valuesOf(submissions: readonly Submission[]): unknown[] {
  const orders = submissions.map(({ order, keys, leaseMs }) => [
    order.request,
    order,
    {
      idempotency_key: keys.idempotencyKey,
      fingerprint: digestOf(keys.fingerprint),
      is_terminal: isTerminal(order.status),
      lease_ms: leaseMs,
    },
  ]);
  const events = submissions.flatMap(({ order, events }) =>
    events.map((event) => [toEventRecord(order.request.accountId, event)]),
  );
  return [encodeRows(NEW_ORDER, orders), encodeRows(NEW_EVENT, events)];
}

/** A fingerprint is as long as what the request says, and is only ever compared. */
const digestOf = (fingerprint: string): string => hash('sha256', fingerprint, 'base64');

class TakenBack extends Error {}

/**
 * Waits until no other session is about to commit an order with one of these keys. Such an order cannot be read before
 * its commit, but an insert with the same key waits for it; the insert is rolled back.
 */
async function awaitOthers(pool: pg.Pool, repeats: readonly Submission[]): Promise<void> {
  try {
    await inTransaction(pool, async (client) => {
      await client.query("SET LOCAL lock_timeout = '10s'");
      await client.query(SUBMIT_SQL, valuesOf(repeats));
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
}

/** A key whose submission was answered with an order that has another one, or none, means that order from now on. */
async function bindKeys(
  pool: pg.Pool,
  {
    submissions,
    known,
    results,
  }: {
    readonly submissions: readonly Submission[];
    readonly known: readonly KnownRow[];
    readonly results: readonly SubmitResult[];
  },
): Promise<readonly SubmitResult[]> {
  const unbound = submissions.flatMap(({ order, keys }, index) => {
    const { accountId } = order.request;
    const { idempotencyKey } = keys;
    const result = results[index];
    if (result?.outcome !== 'existing' || idempotencyKey === null) return [];
    const isKnown = known.some(
      (row) => row.account_id === accountId && row.idempotency_key === idempotencyKey,
    );
    return isKnown ? [] : [{ index, accountId, idempotencyKey, orderId: result.order.request.orderId }];
  });
  if (unbound.length === 0) return results;
  const { rows } = await pool.query<{ readonly owner: OrderId }>({
    name: 'bind_keys',
    text: BIND_KEYS_SQL,
    values: [
      unbound.map(({ accountId }) => accountId),
      unbound.map(({ idempotencyKey }) => idempotencyKey),
      unbound.map(({ orderId }) => orderId),
    ],
  });
  const answers = [...results];
  for (const [place, { index, orderId }] of unbound.entries()) {
    const owner = rows[place]?.owner as OrderId;
    // Another submission had the key in the meantime, and another body, or it would be this order.
    if (owner !== orderId) answers[index] = { outcome: 'conflict', key: 'idempotencyKey', orderId: owner };
  }
  return answers;
}

type KnownRow = OrderRow & { readonly idempotency_key: string | null; readonly fingerprint: string };

async function findKnown(pool: pg.Pool, submissions: readonly Submission[]): Promise<readonly KnownRow[]> {
  const keys = submissions.map(({ order, keys }) => ({
    order_id: order.request.orderId,
    account_id: order.request.accountId,
    client_order_id: order.request.clientOrderId,
    idempotency_key: keys.idempotencyKey,
  }));
  const result = await pool.query<KnownRow>({
    name: 'find_known',
    text: FIND_KNOWN_SQL,
    values: toRecordset(KEY_COLUMNS, keys),
  });
  return result.rows;
}

function outcomeOf({ order, keys, isRepeat }: Submission, known: readonly KnownRow[]): SubmitResult {
  const { orderId, accountId, clientOrderId } = order.request;
  const ofAccount = known.filter((row) => row.account_id === accountId);
  const sameKey =
    keys.idempotencyKey === null
      ? undefined
      : ofAccount.find((row) => row.idempotency_key === keys.idempotencyKey);
  const sameClientId =
    clientOrderId === null ? undefined : ofAccount.find((row) => row.client_order_id === clientOrderId);
  const found = sameKey ?? sameClientId ?? known.find((row) => row.order_id === orderId);
  if (found?.fingerprint === digestOf(keys.fingerprint))
    return found.order_id === orderId
      ? { outcome: 'created', position: null } // The same submission again: the answer to the first was lost.
      : { outcome: 'existing', order: toOrder(found) };
  if (sameKey || sameClientId)
    return {
      outcome: 'conflict',
      key: sameKey ? 'idempotencyKey' : 'clientOrderId',
      orderId: found!.order_id,
    };
  if (!found && isRepeat) return { outcome: 'unknown' };
  return { outcome: 'refused', error: new Error(`order id ${orderId} is taken by another order`) };
}
