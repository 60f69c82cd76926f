import type { Signature } from '../../domain/signature.ts';
import type { ChainNode } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { AnotherTransaction } from '../proofs/own-transaction.ts';
import { type FillWord, finalFillAt, type LandedSwap, type ShownFill } from './read-fill.ts';

/** Who has told what of a landed attempt so far, as far as this process knows. */
export interface ToldBefore {
  /** The reading with which the order was confirmed. */
  readonly landing?: ShownFill | undefined;
  /** Name of the node whose status calls the attempt final. */
  readonly finalBy?: string | undefined;
  /** How long this process has watched the attempt. */
  readonly watchedMs?: number;
}

/**
 * The fill that is kept for good, which two nodes tell. The engine cannot check its slot, fee and rent by itself. So it is
 * read from another node than those that showed the landing and called it final, and counts if it is the fill of the
 * landing. Otherwise all nodes are asked, and two must agree. Only after a minute's watch is the word of the one node
 * that shows it enough. Null if it cannot be read yet; `reverted` if the nodes show the transaction with an error.
 *
 * @throws {ChainUnavailable} No node answered.
 * @throws {AnotherTransaction} The nodes differ.
 */
export async function readFinalFill(
  ports: Ports,
  swap: LandedSwap,
  told: ToldBefore = {},
): Promise<FillWord> {
  const { nodes } = ports.chain;
  const isLate = (told.watchedMs ?? 0) > ports.limits.lateNodeMs;
  const second = secondNode(nodes, told);
  const word = second && finalFillAt(ports, second, swap);
  if (word) {
    const heard = await word.catch(() => 'unavailable' as const);
    if (heard !== 'unavailable' && heard && told.landing && keyOf(heard) === keyOf(told.landing))
      return heard;
    const mustWait = heard === null || (heard === 'unavailable' && nodes.length === 2);
    if (mustWait && !isLate) return null;
  }
  const words = await Promise.allSettled(
    nodes.map((node) => (node === second && word ? word : finalFillAt(ports, node, swap))),
  );
  const answered = words.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (answered.length === 0) throw (words[0] as PromiseRejectedResult).reason;
  const shown = answered.filter((one) => one !== null);
  const isEnough = shown.length >= Math.min(nodes.length, 2) || (isLate && shown.length > 0);
  return isEnough ? agreed(shown, swap.attempt.signature) : null;
}

/** @throws {AnotherTransaction} No two of several are alike. */
function agreed(shown: readonly Told[], signature: Signature): Told {
  const tellers = (one: Told): number => shown.filter((other) => keyOf(other) === keyOf(one)).length;
  const found = shown.find((one) => tellers(one) >= Math.min(shown.length, 2));
  if (found) return found;
  throw new AnotherTransaction(`nodes disagree about the outcome, slot, fee or amounts of ${signature}`);
}

type Told = ShownFill | 'reverted';

/** A node of which nothing of this attempt is known yet. */
function secondNode(nodes: readonly ChainNode[], { landing, finalBy }: ToldBefore): ChainNode | undefined {
  if (landing === undefined || finalBy === undefined) return undefined;
  return nodes.find(({ name }) => name !== landing.node && name !== finalBy);
}

const keyOf = (word: Told): string => (word === 'reverted' ? word : JSON.stringify(word.fill));
