import { splitTransaction } from '../../src/adapters/memory/message.ts';
import type { OrderId } from '../../src/domain/order.ts';
import { type ChainNode, ChainUnavailable, type SignatureStatus } from '../../src/ports/chain.ts';
import { deliver, isHealing, type Life, type Simulated, SLOT_MS } from './simulated.ts';
import type { Outage } from './store-link.ts';

/** One RPC provider: several backends behind one name, each its own number of slots behind. */
export interface SimulatedNode {
  readonly node: ChainNode;
  readonly outage: Outage;
  /** Blocks before this slot are forgotten. */
  firstSlot: bigint;
  readonly isLiar: boolean;
}

/** What a node still knows of a signature without searching its history. */
const RECENT_STATUS_MS = 60_000;

/** What was seen on the network, and can be delivered again by anybody. */
export interface Network {
  readonly seen: Map<string, Uint8Array>;
  readonly held: Set<Uint8Array>;
}

export function connectNode(
  sim: Simulated,
  life: Life,
  provider: SimulatedNode,
  network: Network,
): ChainNode {
  const { chance, chain, checker, timeline } = sim;
  const { node } = provider;

  return {
    name: node.name,
    identify: () => ask(() => node.identify()),
    latestBlockhash: () => ask(() => node.latestBlockhash()),
    simulate: (message) => ask(() => node.simulate(message)),
    send: (bytes) => {
      const { signature, orderId } = readSent(bytes);
      sim.verify(() => checker.chain.sent(orderId, bytes));
      network.seen.set(signature, bytes);
      return sendTo(bytes, signature);
    },
    signatureStatuses: (signatures, options) =>
      ask(async () => {
        const answer = await node.signatureStatuses(signatures, options);
        const oldest = options.searchHistory
          ? provider.firstSlot
          : answer.contextSlot - BigInt(RECENT_STATUS_MS / SLOT_MS);
        return { ...answer, statuses: answer.statuses.map((status) => admit(status, oldest)) };
      }),
    finalizedEpoch: () => ask(() => node.finalizedEpoch()),
    firstAvailableSlot: () => ask(async () => provider.firstSlot),
    holdings: (owner) => ask(() => node.holdings(owner)),
    finalizedLamports: (addresses) => ask(() => node.finalizedLamports(addresses)),
    transaction: (signature, commitment) =>
      ask(async () => {
        const landed = await node.transaction(signature, commitment);
        return landed && (landed.slot < provider.firstSlot || isDenied()) ? null : landed;
      }),
    transactionBytes: (signature) => ask(() => node.transactionBytes(signature)),
    transactionsOf: (address, page) => ask(() => node.transactionsOf(address, page)),
  };

  function isDenied(): boolean {
    return provider.isLiar && !isHealing(sim) && chance.happens(0.7);
  }

  function admit(status: SignatureStatus | null, oldest: bigint): SignatureStatus | null {
    return status && (status.slot < oldest || status.slot < provider.firstSlot || isDenied()) ? null : status;
  }

  /** An answer shows the node as it was at some moment before it arrives; an error shows nothing. */
  function ask<T>(answer: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isUnreachable()) return fail(reject);
      if (chance.happens(0.5))
        answer().then((value) => deliver(sim, life, latency(), () => resolve(value)), reject);
      else deliver(sim, life, latency(), () => answer().then(resolve, reject));
    });
  }

  function sendTo(bytes: Uint8Array, signature: string): Promise<void> {
    const faults = sim.faults();
    const fate = isUnreachable() || chance.happens(faults.sendDropped) ? 'dropped' : 'sent';
    const isHeld = fate === 'sent' && chance.happens(faults.sendHeld);
    const isMisreported = chance.happens(faults.sendMisreported);
    const isError = (fate === 'dropped') !== isMisreported;
    timeline.note(life.name, () => {
      const answer = isError ? 'error' : 'accepted';
      return `send ${signature.slice(0, 8)} to ${node.name}: ${isHeld ? 'held' : fate}, answered ${answer}`;
    });
    if (fate === 'sent') arriveLater(bytes, isHeld ? chance.between(500, 20_000) : latency());
    return new Promise((resolve, reject) => {
      if (isError) fail(reject);
      else deliver(sim, life, latency(), resolve);
    });
  }

  /** Held bytes come loose at the latest when the world heals. */
  function arriveLater(bytes: Uint8Array, delayMs: number): void {
    network.held.add(bytes);
    sim.scheduler.after(delayMs, () => {
      if (network.held.delete(bytes)) void chain.chain.nodes[0]!.send(bytes);
    });
  }

  function isUnreachable(): boolean {
    return sim.scheduler.nowMs() < provider.outage.untilMs || chance.happens(sim.faults().nodeError);
  }

  function fail(reject: (error: Error) => void): void {
    const delayMs = chance.happens(0.3) ? chance.between(500, 4_000) : latency();
    deliver(sim, life, delayMs, () => reject(new ChainUnavailable(`${node.name} gave no answer`)));
  }

  function latency(): number {
    return chance.between(3, chance.happens(0.03) ? 1_500 : 60);
  }
}

const decoder = new TextDecoder();

/** The order that the memo names; reading the whole message would cost more than the rest of a send. */
function readSent(bytes: Uint8Array): { signature: string; orderId: OrderId } {
  const { signature, message } = splitTransaction(bytes);
  const memo = /"memo":"([^/"]+)\//.exec(decoder.decode(message));
  return { signature, orderId: memo?.[1] ?? '' };
}
