import { splitTransaction } from '../../src/adapters/memory/message.ts';
import { heightAfter } from '../../src/domain/block-height.ts';
import { type OrderId, toOrderId } from '../../src/domain/order.ts';
import type { Signature } from '../../src/domain/signature.ts';
import {
  type ChainIdentity,
  type ChainNode,
  ChainUnavailable,
  type LandedTransaction,
  type SignatureStatus,
} from '../../src/ports/chain.ts';
import { deliver, isHealing, type Life, type Simulated } from './simulated.ts';
import { SLOT_MS } from './simulated-time.ts';
import type { Outage } from './store-link.ts';

/** One RPC provider: several backends behind one name, each its own number of slots behind. */
export interface SimulatedNode {
  readonly node: ChainNode;
  readonly outage: Outage;
  /** During this outage the address leads to a node of another chain, which is far ahead of ours and knows none of its transactions. */
  readonly elsewhere: Outage & { readonly node: ChainNode };
  /** Blocks before this slot are forgotten. */
  firstSlot: bigint;
  /** It denies transactions that it should know. */
  readonly isLiar: boolean;
  /** It shows a fee that the transaction did not pay, always the same one. */
  readonly isMisreader: boolean;
  /** How far it counts ahead of time now. */
  ahead: bigint;
}

/** Genesis hash of the other chain. */
export const ELSEWHERE = 'another chain';

/** What a node still knows of a signature without searching its history. */
const RECENT_STATUS_MS = 60_000;

/** Transactions that were seen on the network: any node can deliver them again. */
export interface Network {
  readonly seen: Map<string, Uint8Array>;
  readonly held: Set<Uint8Array>;
  /** The slots of which all nodes have lost what landed in them; null: none. */
  lost: { readonly first: bigint; readonly last: bigint } | null;
}

export function connectNode(
  sim: Simulated,
  life: Life,
  provider: SimulatedNode,
  { network, identity }: { readonly network: Network; readonly identity: ChainIdentity },
): ChainNode {
  const { chance, chain, checker, timeline } = sim;
  const { node, elsewhere } = provider;

  return {
    name: node.name,
    identify: () => ask((at) => at.identify()),
    latestBlockhash: () =>
      ask(async (at) => {
        const { ahead } = provider;
        const { blockhash, slot, lastValidBlockHeight } = await at.latestBlockhash();
        return {
          blockhash,
          slot: slot + ahead,
          lastValidBlockHeight: heightAfter(lastValidBlockHeight, ahead),
        };
      }),
    simulate: (message) => ask((at) => at.simulate(message)),
    send: (bytes) => {
      const { signature, orderId } = readSent(bytes);
      sim.verify(() => checker.chain.sent(orderId, bytes));
      network.seen.set(signature, bytes);
      return sendTo(bytes, signature);
    },
    signatureStatuses: (signatures, options) =>
      ask(async (at) => {
        const answer = await at.signatureStatuses(signatures, options);
        const contextSlot = answer.contextSlot + provider.ahead;
        const oldest = options.searchHistory
          ? provider.firstSlot
          : answer.contextSlot - BigInt(RECENT_STATUS_MS / SLOT_MS);
        return { contextSlot, statuses: answer.statuses.map((status) => admit(status, oldest)) };
      }),
    finalizedEpoch: () =>
      ask(async (at) => {
        const { ahead } = provider;
        const { blockHeight, absoluteSlot } = await at.finalizedEpoch();
        return { blockHeight: heightAfter(blockHeight, ahead), absoluteSlot: absoluteSlot + ahead };
      }),
    firstAvailableSlot: () => ask(async (at) => (at === node ? provider.firstSlot : 0n)),
    holdings: (owner) => ask((at) => at.holdings(owner)),
    finalizedLamports: (addresses) => ask((at) => at.finalizedLamports(addresses)),
    transaction: (signature, commitment) =>
      ask(async (at) => {
        const landed = await at.transaction(mixUp(signature), commitment);
        return landed && (isGone(landed.slot) || isDenied()) ? null : misread(landed);
      }),
    transactionBytes: (signature) => ask((at) => at.transactionBytes(signature)),
    transactionsOf: (address, page) => ask((at) => at.transactionsOf(address, page)),
  };

  function misread(landed: LandedTransaction | null): LandedTransaction | null {
    if (!landed || !provider.isMisreader || isHealing(sim)) return landed;
    sim.count('wrong fee shown');
    return { ...landed, feeLamports: landed.feeLamports * 2n };
  }

  function isDenied(): boolean {
    return provider.isLiar && !isHealing(sim) && chance.happens(0.7);
  }

  function isGone(slot: bigint): boolean {
    const { lost } = network;
    return slot < provider.firstSlot || (lost !== null && slot >= lost.first && slot <= lost.last);
  }

  function admit(status: SignatureStatus | null, oldest: bigint): SignatureStatus | null {
    return status && (status.slot < oldest || isGone(status.slot) || isDenied()) ? null : status;
  }

  /** The transaction that the node shows when it is asked for this one. */
  function mixUp(signature: Signature): Signature {
    if (!chance.happens(sim.faults().nodeMixesUp)) return signature;
    const others = chain.landed().filter(({ execution }) => execution.signature !== signature);
    if (others.length === 0) return signature;
    sim.count('another transaction shown');
    return chance.pick(others).execution.signature;
  }

  function isElsewhere(): boolean {
    return sim.scheduler.nowMs() < elsewhere.untilMs;
  }

  /** An answer shows the node as it was at some moment before it arrives; an error shows nothing. */
  function ask<T>(question: (at: ChainNode) => Promise<T>): Promise<T> {
    const answer = async (): Promise<T> => {
      const isAway = isElsewhere();
      const value = await question(isAway ? elsewhere.node : node);
      identity.recognize(node.name, isAway ? ELSEWHERE : identity.genesisHash);
      return value;
    };
    return new Promise((resolve, reject) => {
      if (isUnreachable()) return fail(reject);
      if (chance.happens(0.5))
        answer().then((value) => deliver(sim, life, latency(), () => resolve(value)), reject);
      else deliver(sim, life, latency(), () => answer().then(resolve, reject));
    });
  }

  function sendTo(bytes: Uint8Array, signature: Signature): Promise<void> {
    const faults = sim.faults();
    const fate = isElsewhere() || isUnreachable() || chance.happens(faults.sendDropped) ? 'dropped' : 'sent';
    const isHeld = fate === 'sent' && chance.happens(faults.sendHeld);
    const isMisreported = chance.happens(faults.sendMisreported);
    const isError = (fate === 'dropped') !== isMisreported;
    timeline.note(life.name, () => {
      const answer = isError ? 'error' : 'accepted';
      return `send ${signature.slice(0, 8)} to ${node.name}: ${isHeld ? 'held' : fate}, answered ${answer}`;
    });
    if (fate === 'sent') arriveLater(bytes, isHeld ? chance.between(500, 20_000) : latency());
    return new Promise((resolve, reject) => {
      if (isError) return fail(reject);
      checker.acknowledgements.note(signature);
      deliver(sim, life, latency(), resolve);
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
function readSent(bytes: Uint8Array): { signature: Signature; orderId: OrderId } {
  const { signature, message } = splitTransaction(bytes);
  const memo = /"memo":"([^/"]+)\//.exec(decoder.decode(message));
  return { signature, orderId: toOrderId(memo?.[1] ?? '') };
}
