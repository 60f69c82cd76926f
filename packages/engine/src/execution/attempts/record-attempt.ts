import type { Attempt } from '../../domain/attempt.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { EventDraft, OrderEventData } from '../../domain/order-event.ts';
import type { Claim } from '../../ports/order-store.ts';
import type { SignedTransaction } from '../../ports/signer.ts';
import type { SignedSwap } from '../building/build-swap.ts';
import { commitClaimed } from '../commit.ts';
import type { Ports } from '../ports.ts';

/**
 * Records the one attempt that may now be broadcast, together with the submitted event, and what of the try is not in the
 * log yet.
 * The store refuses it when the fence is old, another attempt is open or the order moved on (a cancel included).
 *
 * @throws {ClaimLost} Nothing was recorded; the bytes must not leave the process.
 */
export async function recordAttempt(
  ports: Ports,
  claim: Claim,
  swap: SignedSwap,
  untold: readonly EventDraft[],
): Promise<{ readonly attempt: Attempt; readonly claim: Claim }> {
  const attempt: Attempt = {
    orderId: claim.order.request.orderId,
    attemptNumber: claim.order.attemptNumber + 1,
    signature: swap.signature,
    bytes: swap.bytes,
    lastValidBlockHeight: swap.blockhash.lastValidBlockHeight,
    signingSlot: swap.blockhash.slot,
    fillAccounts: swap.fillAccounts,
    state: 'open',
    slot: null,
    finalized: false,
    recordedAtMs: ports.clock.now(),
  };
  const { attemptNumber, signature } = attempt;
  const data = {
    attemptNumber,
    signature,
    lastValidBlockHeight: attempt.lastValidBlockHeight.toString(),
    ...describeGuard(claim.order, swap),
    ...describeUnits(swap),
  };
  const submitted = await commitClaimed(ports, claim, {
    events: [...untold, { type: 'order.submitted', data }],
    attempt: { kind: 'record', attempt, ...(swap.receipt && { receipt: swap.receipt }) },
  });
  return { attempt, claim: submitted };
}

/** For strict orders: whether the attempt has its receipt. */
function describeGuard(
  { request }: Order,
  { receipt, guardFallback }: SignedSwap,
): Pick<OrderEventData['order.submitted'], 'executionGuard' | 'guardFallback'> {
  if (request.executionGuard !== 'strict') return {};
  return receipt
    ? { executionGuard: 'strict' }
    : { executionGuard: 'protocol', ...(guardFallback !== null && { guardFallback }) };
}

/** What the compute limit of a swap without a rehearsal comes from. */
function describeUnits({ knownUnits }: SignedSwap): Pick<OrderEventData['order.submitted'], 'computeUnits'> {
  return knownUnits ? { computeUnits: { source: 'table', ...knownUnits } } : {};
}

/**
 * Sends recorded bytes to every node. May be repeated at any time; an error is only logged.
 * @returns Whether any node accepted them, which proves nothing about landing.
 */
export const broadcast = (ports: Ports, attempt: Attempt): Promise<boolean> =>
  broadcastBytes(ports, attempt.orderId, attempt);

export async function broadcastBytes(
  ports: Ports,
  orderId: OrderId,
  { bytes, signature }: SignedTransaction,
): Promise<boolean> {
  const answers = ports.chain.nodes.map((node) =>
    node.send(bytes).then(
      () => true,
      (error: unknown) => {
        ports.log.debug({ orderId, signature, node: node.name, error }, 'send not acknowledged');
        return false;
      },
    ),
  );
  return (await Promise.all(answers)).includes(true);
}
