import { type BaseUnits, formatAmount } from '../domain/amount.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { Order, OrderId } from '../domain/order.ts';
import type { EventDraft, FillRecord, ReviewRecord } from '../domain/order-event.ts';
import type { Signature } from '../domain/signature.ts';
import { SOL_DECIMALS } from '../domain/token.ts';
import { type Claim, LONGEST_REST_MS } from '../ports/order-store.ts';
import { fillAmounts } from './attempts/fill-amounts.ts';
import { type Change, commit } from './commit.ts';
import type { Ports } from './ports.ts';
import { namesOrder } from './proofs/own-transaction.ts';
import { readAmountField } from './read-fields.ts';
import type { SubmitRefusal } from './refusals.ts';

/** An operator's finding about an order that needs review. */
export interface Review extends ReviewRecord {
  /** Present exactly when it landed. */
  readonly fill?: ReviewedFill;
  /** Signature of the landed transaction, base58; required if the order has no open attempt. */
  readonly signature?: Signature;
}

/** As an explorer or an archive shows the transaction; decimals. */
export interface ReviewedFill {
  readonly slot: bigint;
  /** Of tokenIn, tokenOut. */
  readonly amountIn: string;
  readonly amountOut: string;
  /** In SOL. */
  readonly networkFee: string;
}

export type ReviewResult =
  | { readonly outcome: 'reviewed'; readonly order: Order }
  /** It needs no review: nothing was written. Also what a repeated review gets. */
  | { readonly outcome: 'notInReview'; readonly order: Order }
  /** It has no open attempt, so the transaction that landed must be named. Nothing was written. */
  | { readonly outcome: 'signatureNeeded'; readonly order: Order }
  /** The named transaction cannot have landed for this order; `reason` is for people. Nothing was written. */
  | { readonly outcome: 'contradicted'; readonly reason: string }
  | { readonly outcome: 'unknown' }
  | SubmitRefusal;

/**
 * Ends an order whose outcome cannot be proven on chain, by an operator's decision: `confirmed` with the given fill,
 * or `failed` (`canceled` if a cancel was requested). The log keeps the decision and its evidence for ever.
 */
export async function reviewOrder(ports: Ports, orderId: OrderId, review: Review): Promise<ReviewResult> {
  for (;;) {
    const order = await ports.orders.get(orderId);
    if (!order) return { outcome: 'unknown' };
    if (!order.needsReview) return { outcome: 'notInReview', order };
    const open = (await ports.orders.attempts(orderId)).find(({ state }) => state === 'open');
    const end = review.fill
      ? await asLanded(ports, order, { open, signature: review.signature, given: review.fill })
      : asNotLanded(order, open, review.evidence);
    if (end.outcome !== 'decided') return end;

    const { decision, operator, evidence } = review;
    const reviewed: EventDraft = { type: 'order.reviewed', data: { decision, operator, evidence } };
    const next = await commit(ports, order, null, {
      ...end.change,
      events: [reviewed, ...end.change.events],
    });
    if (!next) continue; // The chain or a cancel changed the order: read it again.
    ports.log.warn({ orderId, decision, operator, status: next.status }, 'order reviewed');
    return { outcome: 'reviewed', order: next };
  }
}

interface ReviewedEnd {
  readonly outcome: 'decided';
  readonly change: Change;
}

function asNotLanded({ cancelRequested }: Order, open: Attempt | undefined, evidence: string): ReviewedEnd {
  const event: EventDraft = cancelRequested
    ? { type: 'order.canceled', data: { reason: `Canceled on request. ${evidence}` } }
    : { type: 'order.failed', data: { code: 'not_landed', reason: evidence } };
  const change: Change = {
    events: [event],
    ...(open && { attempt: { ...settingOf(open), to: 'expired', slot: null, finalized: false } }),
  };
  return { outcome: 'decided', change };
}

async function asLanded(
  ports: Ports,
  order: Order,
  found: { open: Attempt | undefined; signature: Signature | undefined; given: ReviewedFill },
): Promise<ReviewedEnd | Exclude<ReviewResult, { outcome: 'reviewed' | 'notInReview' | 'unknown' }>> {
  const { open, given } = found;
  const { tokenIn, tokenOut } = order.request;
  const signature = found.signature ?? open?.signature;
  if (signature === undefined) return { outcome: 'signatureNeeded', order };
  const contradiction = await contradictionOf(ports, { order, open, signature });
  if (contradiction !== null) return { outcome: 'contradicted', reason: contradiction };
  const amountIn = readAmountField('amountIn', given.amountIn, tokenIn);
  if (amountIn.outcome === 'refused') return amountIn;
  const amountOut = readAmountField('amountOut', given.amountOut, tokenOut);
  if (amountOut.outcome === 'refused') return amountOut;
  const networkFee = readAmountField('networkFee', given.networkFee, SOL);
  if (networkFee.outcome === 'refused') return networkFee;
  const fill = reviewedFill(order, signature, {
    slot: given.slot,
    amountIn: amountIn.amount,
    amountOut: amountOut.amount,
    networkFee: networkFee.amount,
  });
  const change: Change = {
    events: [
      { type: 'order.confirmed', data: fill },
      { type: 'order.finalized', data: fill }, // Nothing can drop a block that old.
    ],
    // A closed attempt stays closed: the landed transaction may never have been recorded here.
    ...(open && { attempt: { ...settingOf(open), to: 'landed', slot: given.slot, finalized: true } }),
  };
  return { outcome: 'decided', change };
}

/** Why the named transaction cannot be the landed one; null if no node's answer contradicts it. */
async function contradictionOf(
  { chain, signer }: Ports,
  { order, open, signature }: { order: Order; open: Attempt | undefined; signature: Signature },
): Promise<string | null> {
  if (open)
    return signature === open.signature
      ? null
      : `The order has an open attempt, and only that one, ${open.signature}, can have landed.`;
  const { orderId } = order.request;
  for (const node of chain.nodes) {
    const shown = await node.transaction(signature, 'finalized').catch(() => null);
    if (shown?.signature !== signature) continue;
    if (shown.payer !== signer.address)
      return 'A node shows the transaction, and another wallet paid for it.';
    if (!namesOrder(shown, orderId)) return 'A node shows the transaction, and it names another order.';
    return shown.error === null ? null : `A node shows the transaction, and it failed: ${shown.error.text}`;
  }
  return null;
}

const SOL = { symbol: 'SOL', decimals: SOL_DECIMALS };

const settingOf = ({ attemptNumber }: Attempt) => ({ kind: 'set', attemptNumber, from: 'open' }) as const;

function reviewedFill(
  { request }: Order,
  signature: Signature,
  fill: { slot: bigint; amountIn: BaseUnits; amountOut: BaseUnits; networkFee: BaseUnits },
): FillRecord {
  return {
    signature,
    slot: fill.slot.toString(),
    ...fillAmounts(request, fill),
    fees: { network: formatAmount(fill.networkFee, SOL_DECIMALS), rent: '0', rentRefunded: '0' },
  };
}

/** A worker's step for an order that needs review and has nothing in flight: leaves it unchanged. */
export async function restForReview(ports: Ports, claim: Claim): Promise<void> {
  await ports.orders.release(claim.order.request.orderId, claim.fence, LONGEST_REST_MS); // Its review ends it.
}
