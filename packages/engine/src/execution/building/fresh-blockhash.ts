import { blocksOf } from '../../domain/block-height.ts';
import { NEAR } from '../../domain/chain-counter.ts';
import type { ChainTime } from '../../domain/chain-time.ts';
import { type Blockhash, ChainUnavailable } from '../../ports/chain.ts';
import type { MarketWatch } from '../market/market-watch.ts';
import type { Ports } from '../ports.ts';

const NEWEST = 'newest';

/**
 * A blockhash to sign with. Orders share one for some slots, as long as its numbers are still plausible.
 *
 * @throws {ChainUnavailable} No node gives one, or none that can be believed.
 */
export async function freshBlockhash(
  ports: Ports,
  { time, blockhashes }: Pick<MarketWatch, 'time' | 'blockhashes'>,
): Promise<Blockhash> {
  let isOwn = false;
  const shared = await blockhashes.read(NEWEST, ports.clock.moment(), () => {
    isOwn = true;
    return readBlockhash(ports, time);
  });
  return isOwn || isBelievable(ports, time, shared) ? shared : readBlockhash(ports, time);
}

/**
 * The numbers of a blockhash are kept with the attempt for good, so they are taken from a node only where time
 * allows them. What no node gives otherwise is taken when all that answer agree, two at least where there are two: the chain may have been
 * moved on by hand, or nothing is known of its time yet.
 *
 * A last valid height that is lower than it can be would let an attempt be called dead while it can still land. One alone
 * that says so is not believed, and the height is never made up: a node that was ahead of time would put the proof of absence off for ever.
 */
async function readBlockhash(ports: Ports, time: ChainTime): Promise<Blockhash> {
  const first = await ports.chain.anyNode.latestBlockhash();
  if (isBelievable(ports, time, first)) return first;
  const settled = await Promise.allSettled(ports.chain.nodes.map((node) => node.latestBlockhash()));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const believable = answers.find((answer) => isBelievable(ports, time, answer));
  if (believable) return believable;
  const tellersNeeded = isTooLow(time, first) ? 2 : Math.min(ports.chain.nodes.length, 2);
  if (answers.length >= tellersNeeded && answers.every((answer) => isNear(answer, first))) return first;
  ports.log.warn({ slot: first.slot, believed: time.slots.newest }, 'no plausible blockhash');
  throw new ChainUnavailable('nodes disagree about the slot');
}

function isBelievable({ clock }: Ports, time: ChainTime, answer: Blockhash): boolean {
  const now = clock.moment();
  const isPossible =
    time.slots.allows(answer.slot, now) && time.horizons.allows(blocksOf(answer.lastValidBlockHeight), now);
  return isPossible && !isTooLow(time, answer);
}

const isTooLow = ({ horizons }: ChainTime, answer: Blockhash): boolean =>
  blocksOf(answer.lastValidBlockHeight) + NEAR < horizons.newest;

const isNear = (one: Blockhash, other: Blockhash): boolean =>
  differ(one.slot, other.slot) <= NEAR &&
  differ(blocksOf(one.lastValidBlockHeight), blocksOf(other.lastValidBlockHeight)) <= NEAR;

const differ = (one: bigint, other: bigint): bigint => (one > other ? one - other : other - one);
