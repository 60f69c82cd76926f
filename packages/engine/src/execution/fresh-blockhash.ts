import { NEAR } from '../domain/chain-counter.ts';
import type { ChainTime } from '../domain/chain-time.ts';
import { type Blockhash, ChainUnavailable } from '../ports/chain.ts';
import type { World } from './world.ts';

/**
 * A blockhash to sign with. Its numbers are kept with the attempt for good, so they are taken from a node only where time
 * allows them. What no node gives otherwise is taken when all that answer agree, two at least where there are two: the chain may have been
 * moved on by hand, or nothing is known of its time yet.
 *
 * A last valid height that is lower than it can be would let an attempt be called dead while it can still land: it is
 * raised to the most that it can be, which only makes the proof of absence wait longer.
 *
 * @throws {ChainUnavailable} No node gives one, or none that can be believed.
 */
export async function freshBlockhash(world: World, time: ChainTime): Promise<Blockhash> {
  const first = await world.chain.anyNode.latestBlockhash();
  if (isPossible(world, time, first)) return withSafeHeight(world, time, first);
  const settled = await Promise.allSettled(world.chain.nodes.map((node) => node.latestBlockhash()));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const possible = answers.find((answer) => isPossible(world, time, answer));
  if (possible) return withSafeHeight(world, time, possible);
  const needed = Math.min(world.chain.nodes.length, 2);
  if (answers.length >= needed && answers.every((answer) => isNear(answer, first))) return first;
  world.log.warn({ slot: first.slot, believed: time.slots.newest }, 'no blockhash can be believed');
  throw new ChainUnavailable('the nodes differ about where the chain is');
}

function isPossible({ clock }: World, { slots, horizons }: ChainTime, answer: Blockhash): boolean {
  const now = clock.moment();
  return slots.allows(answer.slot, now) && horizons.allows(answer.lastValidBlockHeight, now);
}

function withSafeHeight({ clock, log }: World, { horizons }: ChainTime, answer: Blockhash): Blockhash {
  const most = horizons.most(clock.moment());
  if (most === null || answer.lastValidBlockHeight + NEAR >= horizons.newest) return answer;
  log.warn(
    { told: answer.lastValidBlockHeight, believed: horizons.newest },
    'a last valid height is too low to be believed',
  );
  return { ...answer, lastValidBlockHeight: most };
}

const isNear = (one: Blockhash, other: Blockhash): boolean =>
  differ(one.slot, other.slot) <= NEAR &&
  differ(one.lastValidBlockHeight, other.lastValidBlockHeight) <= NEAR;

const differ = (one: bigint, other: bigint): bigint => (one > other ? one - other : other - one);
