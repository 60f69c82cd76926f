import type { Attempt } from '../../domain/attempt.ts';
import type { BlockHeight } from '../../domain/block-height.ts';
import type { Signature } from '../../domain/signature.ts';
import type { Blocker, StoredReceipt } from '../../ports/receipt-store.ts';
import { computeUnitLimitOf } from '../building/compute-units.ts';
import { freshBlockhash } from '../building/fresh-blockhash.ts';
import type { WithMarket } from '../market/market-watch.ts';
import type { Ports } from '../ports.ts';
import { provenFinality } from '../proofs/proven-finality.ts';
import type { WithRememberedOrders } from '../proofs/remembered-orders.ts';
import { askHistory } from '../proofs/status-history.ts';
import { broadcastBytes } from './record-attempt.ts';

/**
 * The fast cancel of a strict order. Its open attempt can land only while its receipt does not exist; so a transaction
 * that creates the receipt and swaps nothing takes its place. The one that lands first prevents the other from landing.
 * Recorded before it is sent, like an attempt, so that its rent is found again.
 */
export async function sendBlockers(ports: WithMarket, receipts: readonly StoredReceipt[]): Promise<void> {
  const finalized = await provenFinality(ports);
  await Promise.all(
    receipts.map(async (receipt) => {
      const blocker = await liveBlocker(ports, receipt, finalized?.blockHeight ?? null);
      if (blocker) await broadcastBytes(ports, receipt.orderId, blocker);
    }),
  );
}

/**
 * The recorded blocker while it may still land, or else a new one; null where none can be made now. While no height is
 * proven the recorded one counts as alive: by a wrong height a new one would be signed each time.
 */
async function liveBlocker(
  ports: WithMarket,
  receipt: StoredReceipt,
  finalizedHeight: BlockHeight | null,
): Promise<Blocker | null> {
  const { blocker: known, orderId } = receipt;
  if (known && (finalizedHeight === null || known.lastValidBlockHeight >= finalizedHeight)) return known;
  const blocker = await signBlocker(ports, receipt);
  if (!blocker || !(await ports.orders.recordBlocker(orderId, blocker, known?.signature ?? null)))
    return null;
  ports.log.info({ orderId, signature: blocker.signature }, 'cancel transaction sent');
  return blocker;
}

async function signBlocker(ports: WithMarket, receipt: StoredReceipt): Promise<Blocker | null> {
  const { chain, limits, log, signer } = ports;
  const { orderId, wallet } = receipt;
  if (wallet !== signer.address) return null; // The receipt belongs to another wallet; only the expiry of the attempt ends the order.
  const node = chain.anyNode;
  const { blockhash, lastValidBlockHeight } = await freshBlockhash(ports, ports.market);
  const parts = {
    payer: wallet,
    instructions: [],
    receipt,
    blockhash,
    computeUnitPriceMicroLamports: limits.computeUnitPriceMicroLamports,
    memo: `${orderId}/cancel`,
  };
  const rehearsal = await node.simulate(
    chain.compile({ ...parts, computeUnitLimit: computeUnitLimitOf(limits) }),
  );
  if (rehearsal.outcome === 'failed') {
    log.info({ orderId, error: rehearsal.error.text }, 'cancel transaction rejected in simulation');
    return null; // The receipt exists already, or the wallet is empty.
  }
  const computeUnitLimit = computeUnitLimitOf(limits, rehearsal.computeUnits);
  const message = chain.compile({ ...parts, computeUnitLimit });
  const signed = await signer.signReceipts(message, { action: 'create', receipt });
  return { ...signed, lastValidBlockHeight };
}

export interface Blockable {
  readonly attempt: Attempt;
  readonly receipt: StoredReceipt;
}

/**
 * Which of these open attempts can never land any more, because their receipt exists and they did not create it:
 * B1 the receipt exists at `finalized`, so that no fork takes it away;
 * B2 asked afterwards, with history, the same node shows the attempt at that slot or later as unknown or as failed;
 * B3 that node's history reaches back to the slot of signing, before B2 and after it;
 * B4 where there are two or more nodes, a second one says the same;
 * B5 each answer to B2 shows the newest orders that were final as well, as far as that history reaches: it has no hole.
 * Any error is no answer.
 */
export async function proveBlocked(
  ports: WithRememberedOrders,
  candidates: readonly Blockable[],
): Promise<readonly Attempt[]> {
  const { nodes } = ports.chain;
  const needed = Math.min(nodes.length, 2);
  const votes = new Map<Signature, number>();
  for (const node of nodes) {
    for (let start = 0; start < candidates.length; start += ADDRESSES) {
      const batch = candidates.slice(start, start + ADDRESSES);
      for (const { signature } of await blockedAt(ports, node, batch))
        votes.set(signature, (votes.get(signature) ?? 0) + 1);
    }
  }
  return candidates
    .map(({ attempt }) => attempt)
    .filter(({ signature }) => (votes.get(signature) ?? 0) >= needed);
}

// getMultipleAccounts takes at most 100 addresses.
const ADDRESSES = 100;

async function blockedAt(
  ports: WithRememberedOrders,
  node: Ports['chain']['nodes'][number],
  candidates: readonly Blockable[],
): Promise<readonly Attempt[]> {
  try {
    const { contextSlot, lamports } = await node.finalizedLamports(
      candidates.map(({ receipt }) => receipt.address),
    );
    const standing = candidates.filter((_, index) => (lamports[index] ?? 0n) > 0n);
    if (standing.length === 0) return [];
    const history = await askHistory(
      node,
      standing.map(({ attempt }) => attempt.signature),
      await ports.remembered.newest(),
    );
    if (history.lost.length > 0) void ports.remembered.look();
    if (history.lost.length > 0 || history.contextSlot < contextSlot) return [];
    return standing
      .filter((_, index) => history.statuses[index] === null || history.statuses[index]?.error)
      .map(({ attempt }) => attempt)
      .filter(({ signingSlot }) => history.firstSlot <= signingSlot);
  } catch (error) {
    ports.log.warn({ node: node.name, error }, 'node cannot prove a cancel now');
    return [];
  }
}
