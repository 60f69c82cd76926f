import type { Signature } from '../../domain/signature.ts';
import type { ChainNode } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { NodesDisagree } from './nodes-disagree.ts';
import { finalFillAt, type LandedSwap, type ShownFill } from './read-fill.ts';

/** A fill that is kept for good. */
export interface FinalFill extends Pick<ShownFill, 'slot' | 'fill'> {
  /** Names of the nodes that show it. */
  readonly nodes: readonly string[];
}

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
 * @throws {NodesDisagree} No two of several show the same.
 */
export async function readFinalFill(
  ports: Ports,
  swap: LandedSwap,
  told: ToldBefore = {},
): Promise<FinalFill | 'reverted' | null> {
  const { nodes } = ports.chain;
  const isLate = (told.watchedMs ?? 0) > ports.limits.lateNodeMs;
  const second = secondNode(nodes, told);
  const word = second && finalFillAt(ports, second, swap);
  if (word) {
    const heard = await word.catch(() => 'unavailable' as const);
    if (heard !== 'unavailable' && heard && told.landing && keyOf(heard) === keyOf(told.landing))
      return { ...told.landing, nodes: [told.landing.node, second.name] };
    const mustWait = heard === null || (heard === 'unavailable' && nodes.length === 2);
    if (mustWait && !isLate) return null;
  }
  const words = await Promise.allSettled(
    nodes.map((node) => (node === second && word ? word : finalFillAt(ports, node, swap))),
  );
  const failed = words.filter((one) => one.status === 'rejected');
  if (failed.length === nodes.length) throw failed[0]?.reason;
  const shown = words.flatMap((one, index) =>
    one.status === 'fulfilled' && one.value ? [{ node: nodes[index]!.name, word: one.value }] : [],
  );
  const isEnough = shown.length >= Math.min(nodes.length, 2) || (isLate && shown.length > 0);
  return isEnough ? agreed(shown, swap.attempt.signature) : null;
}

/** @throws {NodesDisagree} No two of several are alike. */
function agreed(shown: readonly Shown[], signature: Signature): FinalFill | 'reverted' {
  for (const { word } of shown) {
    const tellers = shown.filter((other) => keyOf(other.word) === keyOf(word));
    if (tellers.length < Math.min(shown.length, 2)) continue;
    return word === 'reverted' ? word : { ...word, nodes: tellers.map(({ node }) => node) };
  }
  const words = shown.map(({ node, word }) => [node, word === 'reverted' ? word : word.fill]);
  throw new NodesDisagree(signature, Object.fromEntries(words));
}

interface Shown {
  readonly node: string;
  readonly word: Word;
}

type Word = ShownFill | 'reverted';

/** A node of which nothing of this attempt is known yet. */
function secondNode(nodes: readonly ChainNode[], { landing, finalBy }: ToldBefore): ChainNode | undefined {
  if (landing === undefined || finalBy === undefined) return undefined;
  return nodes.find(({ name }) => name !== landing.node && name !== finalBy);
}

const keyOf = (word: Word): string => (word === 'reverted' ? word : JSON.stringify(word.fill));
