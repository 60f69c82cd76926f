import type { Attempt } from '../../domain/attempt.ts';
import type { BlockHeight } from '../../domain/block-height.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { Signature } from '../../domain/signature.ts';
import { timeAfter, toEpochMs } from '../../domain/timestamp.ts';
import { ChainUnavailable, type LandedTransaction } from '../../ports/chain.ts';
import type { LostTransaction, RecoveryLog } from '../../ports/recovery-log.ts';
import { readRevert } from '../attempts/read-revert.ts';
import { settleLanded } from '../attempts/settle-landed.ts';
import { settleExpired, settleReorged, settleReverted } from '../attempts/settle-order.ts';
import { fillAccountsByMint } from '../building/assemble-swap.ts';
import { receiptOf } from '../building/build-swap.ts';
import { commit } from '../commit.ts';
import type { Ports } from '../ports.ts';
import { proveExpired } from '../proofs/prove-absence.ts';
import type { WithRememberedOrders } from '../proofs/remembered-orders.ts';
import {
  newestHorizon,
  type OurTransaction,
  RETRY_MS,
  readWalletHistory,
  untilAnswered,
  type WalletHistory,
} from './read-wallet-history.ts';

/**
 * For a start on a database that was restored from a backup: brings back every attempt that it has lost, before
 * anything is signed. Each of our transactions names its order and attempt in its memo, so the wallet's history on the
 * chain tells what became of every order.
 *
 * First it waits until no lost attempt can be in flight any more: each was signed with a blockhash that is older than
 * one of now, so all are decided once the finalized height is past the last height at which that one is valid. Then it
 * reads the history and, order by order, records what is missing; the usual settlement does the rest. It may die
 * anywhere and is begun anew; until it ends, `recoveries` says so and no process takes orders.
 *
 * @returns The transactions whose order itself is lost: they are kept for a person, who alone knows who asked for them.
 * @throws {RecoveryImpossible} The nodes' history is too short.
 */
export async function recoverLostAttempts(
  ports: WithRememberedOrders,
  recoveries: RecoveryLog,
): Promise<readonly LostTransaction[]> {
  await recoveries.begin();
  const horizon = await newestHorizon(ports);
  ports.log.info({ height: horizon }, 'recovery waits until lost transactions have expired');
  const history = await readWalletHistory(ports, horizon, await firstSlotToRead(ports));

  await reopenReplaced(ports, history);
  let recovered = 0;
  for (let after: OrderId | null = null; ; ) {
    const orders: readonly Order[] = await ports.orders.unfinishedOrders(after, PAGE);
    for (const order of orders) recovered += await recoverOrder(ports, order, history, horizon);
    if (orders.length < PAGE) break;
    after = orders.at(-1)?.request.orderId ?? null;
  }

  const lost = await transactionsWithoutOrder(ports, history);
  for (const one of lost) ports.log.error({ ...one }, 'lost order found on the chain');
  // Kept with them: an order that was over takes no attempt, and the next start would ask about it again.
  await recoveries.finish([...lost, ...(await transactionsWithoutAttempt(ports, history))]);
  ports.log.info({ orders: history.size, recovered, lost: lost.length }, 'recovery finished');
  return lost;
}

const PAGE = 500;
const UNFINALIZED = 100_000;

// Clocks of several processes differ, and so do the slots of several nodes.
const CLOCK_SLACK_MS = 3_600_000;
const SLOT_SLACK = 1_000n;

/** Everything lost was signed after the attempts that were recorded before the oldest unfinished order. */
async function firstSlotToRead(ports: Ports): Promise<bigint> {
  const [oldest] = await ports.orders.unfinishedOrders(null, 1);
  const slot = await ports.orders.newestSigningSlot(
    oldest ? timeAfter(oldest.request.createdAtMs, -CLOCK_SLACK_MS) : toEpochMs(Number.POSITIVE_INFINITY),
  );
  return slot === null || slot < SLOT_SLACK ? 0n : slot - SLOT_SLACK;
}

/** A fork dropped a landed attempt after the backup, and another one was made: the first did not stand. */
async function reopenReplaced(ports: Ports, history: WalletHistory): Promise<void> {
  for (const attempt of await ports.orders.unfinalizedAttempts(UNFINALIZED)) {
    const listed = history.get(attempt.orderId) ?? [];
    if (listed.length > 0 && !listed.some(({ signature }) => signature === attempt.signature))
      await settleReorged(ports, attempt);
  }
}

/** Records the order's missing attempts, oldest first, each settled before the next. Gives their number. */
async function recoverOrder(
  ports: WithRememberedOrders,
  order: Order,
  history: WalletHistory,
  horizon: BlockHeight,
): Promise<number> {
  const { orderId } = order.request;
  const listed = history.get(orderId);
  if (!listed) return 0;
  const known = await ports.orders.attempts(orderId);
  const unknown = listed.filter((one) => !known.some(({ signature }) => signature === one.signature));
  const missing = await readOurs(ports, unknown);
  if (missing.length === 0) return 0;
  const open = known.find(({ state }) => state === 'open');
  if (open) await closeDecided(ports, open);
  for (const transaction of missing) await recoverAttempt(ports, transaction, horizon);
  return missing.length;
}

interface ReadTransaction extends OurTransaction {
  readonly landed: { readonly transaction: LandedTransaction; readonly bytes: Uint8Array };
}

/** Memos are public: any wallet may repeat one in a transaction that names this wallet. Only transactions that this wallet paid count. */
async function readOurs(
  ports: Ports,
  listed: readonly OurTransaction[],
): Promise<readonly ReadTransaction[]> {
  const ours: ReadTransaction[] = [];
  for (const one of listed) {
    const { signature, orderId } = one;
    const landed = await untilAnswered(ports, 'read a transaction', () => readTransaction(ports, one));
    if (landed.bytes) ours.push({ ...one, landed });
    else
      ports.log.warn(
        { orderId, signature, payer: landed.payer },
        'transaction of another wallet names an order in its memo',
      );
  }
  return ours;
}

/** An open attempt with later ones behind it did not swap; the chain says how it ended. */
async function closeDecided(ports: WithRememberedOrders, attempt: Attempt): Promise<void> {
  for (;;) {
    const status = await untilAnswered(ports, 'read a status', () => statusOf(ports, attempt.signature));
    if (status?.error) {
      const { slot, error } = status;
      return void (await settleReverted(ports, attempt, await readRevert(ports, attempt, { slot, error })));
    }
    if (status) throw new Error(`order ${attempt.orderId} has two transactions that landed`);
    const { absent } = await proveExpired(ports, [attempt]);
    if (absent.length > 0) return void (await settleExpired(ports, attempt));
    await ports.clock.sleep(RETRY_MS);
  }
}

async function statusOf(ports: Ports, signature: Signature) {
  const { statuses } = await ports.chain.anyNode.signatureStatuses([signature], {
    searchHistory: true,
  });
  return statuses[0] ?? null;
}

async function recoverAttempt(
  ports: Ports,
  transaction: ReadTransaction,
  horizon: BlockHeight,
): Promise<void> {
  const { signature, orderId, landed } = transaction;
  const order = await ports.orders.get(orderId);
  if (!order || isTerminal(order.status)) return; // Told and kept at the end, with those that are lost.
  const attempt: Attempt = {
    orderId,
    // A restored database may have reused the number; a number is never used twice.
    attemptNumber: Math.max(transaction.attemptNumber, order.attemptNumber + 1),
    signature,
    bytes: landed.bytes,
    lastValidBlockHeight: horizon,
    signingSlot: transaction.slot,
    fillAccounts: fillAccountsByMint(ports, order.request), // The route is lost with the attempt.
    state: 'open',
    slot: null,
    finalized: false,
    recordedAtMs: ports.clock.now(),
  };
  const { attemptNumber } = attempt;
  const data = {
    attemptNumber,
    signature,
    lastValidBlockHeight: horizon.toString(),
    recovered: true as const,
  };
  const receipt = await untilAnswered(ports, 'derive a receipt', () => receiptOf(ports, order));
  const recorded = await commit(ports, order, null, {
    events: [{ type: 'order.submitted', data }],
    attempt: { kind: 'record', attempt, ...(receipt && { receipt }) }, // So that its rent is found again.
    lease: { kind: 'release', wakeAfterMs: 0 },
  });
  if (!recorded)
    throw new Error(`order ${orderId} is being changed by another process; stop every other process`);
  ports.log.warn({ orderId, signature, failed: transaction.failed }, 'lost attempt found on the chain');
  const { slot, error } = landed.transaction;
  await (error ? settleReverted(ports, attempt, { slot, error }) : settleLanded(ports, attempt));
}

async function readTransaction(
  ports: Ports,
  { signature, orderId, attemptNumber }: OurTransaction,
): Promise<ReadTransaction['landed'] | { readonly payer: string; readonly bytes: null }> {
  for (const node of ports.chain.nodes) {
    const transaction = await node.transaction(signature, 'finalized');
    if (transaction?.signature !== signature) continue;
    const { payer, memo } = transaction;
    if (payer !== ports.signer.address) return { payer, bytes: null };
    if (memo !== `${orderId}/${attemptNumber}`) continue;
    const bytes = await node.transactionBytes(signature);
    if (bytes) return { transaction, bytes };
  }
  throw new ChainUnavailable(`no node shows transaction ${signature} as one listed it`);
}

async function transactionsWithoutOrder(
  ports: Ports,
  history: WalletHistory,
): Promise<readonly LostTransaction[]> {
  const lost: LostTransaction[] = [];
  const all = [...history];
  for (let start = 0; start < all.length; start += PAGE) {
    const page = all.slice(start, start + PAGE);
    const orders = await Promise.all(page.map(([orderId]) => ports.orders.get(orderId)));
    const missing = page.filter((_, index) => !orders[index]);
    for (const [id, transactions] of missing) {
      if (await ports.orders.hasDeparted(id)) continue; // Not lost: it was removed when it was old.
      for (const { orderId, signature, slot, failed } of transactions)
        lost.push({ orderId, signature, slot, failed });
    }
  }
  return lost;
}

/** Ours of orders that the database has, which it could not record: the orders were over. */
async function transactionsWithoutAttempt(
  ports: Ports,
  history: WalletHistory,
): Promise<readonly LostTransaction[]> {
  const listed = [...history.values()].flat();
  const missing = new Set(await ports.orders.missingAttempts(listed));
  const ours = await readOurs(
    ports,
    listed.filter(({ signature }) => missing.has(signature)),
  );
  return ours.map(({ signature, orderId, slot, failed }) => {
    ports.log.error({ orderId, signature, slot, failed }, 'transaction of an ended order found on the chain');
    return { signature, orderId, slot, failed };
  });
}
