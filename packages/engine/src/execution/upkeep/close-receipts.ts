import { RECEIPTS_PER_TRANSACTION } from '../../ports/chain-limits.ts';
import { RECEIPT_LEASE_MS, type StoredReceipt } from '../../ports/receipt-store.ts';
import { computeUnitLimitOf } from '../building/compute-units.ts';
import type { Ports } from '../ports.ts';
import { provenFinality } from '../proofs/proven-finality.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

/**
 * Reclaims the rent of receipts, several in one transaction. A receipt may be closed only when nothing can create it any
 * more: its order has ended, and every transaction that could create it is provably too old. Until then it is the guard.
 * Runs until the signal aborts.
 */
export async function keepClosingReceipts(ports: Ports, signal: AbortSignal): Promise<void> {
  await repeatEvery(ports, signal, ports.limits.closeReceiptsMs, async () => {
    try {
      await closeReceipts(ports);
    } catch (error) {
      ports.log.warn({ error }, 'receipt closing failed, retrying');
    }
  });
}

async function closeReceipts(ports: Ports): Promise<void> {
  const finalized = await provenFinality(ports);
  if (!finalized) return;
  for (;;) {
    const due = await ports.orders.claimReceiptsToClose({
      finalizedHeight: finalized.blockHeight,
      limit: RECEIPTS_PER_TRANSACTION,
      leaseMs: RECEIPT_LEASE_MS,
    });
    if (due.length === 0) return;
    await closeOrForget(ports, due, finalized.absoluteSlot);
  }
}

/** Receipts that no longer exist at a slot after which nothing can create them: closed earlier, or never created. */
async function closeOrForget(ports: Ports, due: readonly StoredReceipt[], sinceSlot: bigint): Promise<void> {
  const { contextSlot, lamports } = await ports.chain.anyNode.finalizedLamports(
    due.map(({ address }) => address),
  );
  if (contextSlot < sinceSlot) return; // This node is behind; the check repeats after the lease.
  const standing = due.flatMap((receipt, index) => {
    const held = lamports[index] ?? 0n;
    return held > 0n ? [{ ...receipt, lamports: held }] : [];
  });
  const isStanding = new Set(standing.map(({ orderId }) => orderId));
  await ports.orders.forgetReceipts(
    due.map(({ orderId }) => orderId).filter((orderId) => !isStanding.has(orderId)),
  );
  const own = standing.filter(({ wallet }) => wallet === ports.signer.address);
  if (own.length > 0) await sendClosing(ports, own);
  if (own.length < standing.length)
    ports.log.warn({ receipts: standing.length - own.length }, 'receipts of another wallet left open');
}

/** Not recorded: it only moves rent to the wallet, and if it does not land, another one follows after the lease. */
async function sendClosing(ports: Ports, receipts: readonly StoredReceipt[]): Promise<void> {
  const { chain, limits, log, signer } = ports;
  const node = chain.anyNode;
  const { blockhash } = await node.latestBlockhash();
  const parts = {
    payer: signer.address,
    instructions: chain.closeReceipts(signer.address, receipts),
    blockhash,
    computeUnitPriceMicroLamports: limits.computeUnitPriceMicroLamports,
    memo: `close ${receipts.length} receipts`,
  };
  const rehearsal = await node.simulate(
    chain.compile({ ...parts, computeUnitLimit: computeUnitLimitOf(limits) }),
  );
  if (rehearsal.outcome === 'failed') {
    log.warn({ error: rehearsal.error.text }, 'receipt closing rejected in simulation');
    return;
  }
  const computeUnitLimit = computeUnitLimitOf(limits, rehearsal.computeUnits);
  const message = chain.compile({ ...parts, computeUnitLimit });
  const { bytes, signature } = await signer.signReceipts(message, { action: 'close', receipts });
  await node.send(bytes);
  log.info({ signature, receipts: receipts.length }, 'receipt rent reclaim sent');
}
