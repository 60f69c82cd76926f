import { createSeededKeypair } from '../../market/keypair.ts';
import type { DlmmPoolState, DlmmRewardState } from '../../pools/dlmm-state.ts';
import type { ChainClock } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';

const keyOf = (name: string) => createSeededKeypair('differential dlmm reward', name).address;
const U128_MAX = 2n ** 128n - 1n;
const [MINT, VAULT, FUNDER] = [keyOf('mint'), keyOf('vault'), keyOf('funder')];

/** Seconds from the pool's first moment to a reward's end (negative: it is over), and since its last update (negative: ahead). */
const UNTIL_END = [1_000_000n, 20n, 0n, -1n, -5_000n] as const;
const SINCE_UPDATE = [0n, 1n, 700n, 100_000n, 1_790_000_000n, -10n] as const;

/** None, one or two rewards, running, over or not begun, of all rates; some have lost their mint. */
export function drawRewards(draws: Draws, clock: ChainClock): readonly (DlmmRewardState | null)[] {
  const which = draws.pick(['none', 'none', 'first', 'second', 'both', 'both'] as const);
  const isFirst = which === 'first' || which === 'both';
  const isSecond = which === 'second' || which === 'both';
  return [isFirst ? drawReward(draws, clock) : null, isSecond ? drawReward(draws, clock) : null];
}

function drawReward(draws: Draws, clock: ChainClock): DlmmRewardState {
  const end = clock.unixTimestamp + draws.pick(UNTIL_END);
  const updated = clock.unixTimestamp - draws.pick(SINCE_UPDATE);
  return {
    ...(draws.once(20) ? {} : { mint: MINT }),
    vault: VAULT,
    funder: FUNDER,
    duration: BigInt(1 + draws.below(31_536_000)),
    end,
    rate: drawRate(draws),
    // An update that lies behind the end is one of a reward that was changed; a swap meets it seldom.
    lastUpdate: updated > end && !draws.once(4) ? end : updated,
    emptySeconds: draws.once(2) ? BigInt(draws.below(100_000)) : 0n,
  };
}

/** Base units a second in Q64.64: mostly whole ones, sometimes none, a part of one, or more than can be counted. */
function drawRate(draws: Draws): bigint {
  if (draws.once(10)) return 0n;
  if (draws.once(10)) return draws.amount(2n ** 64n);
  if (draws.once(40)) return draws.amount(2n ** 127n);
  return draws.amount(10n ** 9n) << 64n;
}

/** Earnings of a bin's liquidity so far, per unit in Q64.64; in a full pool sometimes so large that no more fits. */
export function drawEarned(draws: Draws, isFull: boolean): readonly [bigint, bigint] {
  const earned = () =>
    isFull && draws.once(8) ? U128_MAX - draws.amount(2n ** 70n) : draws.amount(2n ** 90n);
  return [earned(), earned()];
}

/**
 * Whether a swap may fail because a reward cannot be counted. No pool of mainnet comes to that: there an update is never
 * later than the reward's end or the clock, and what a reward pays since 1970 fits.
 */
export function mayRewardsFail({ rewards = [], bins }: DlmmPoolState, now: bigint): boolean {
  const isUnsound = ({ lastUpdate, end, rate }: DlmmRewardState) =>
    lastUpdate > end || lastUpdate > now || rate >= 2n ** 95n;
  return (
    rewards.some((reward) => reward !== null && isUnsound(reward)) ||
    bins.some(({ earned = [] }) => earned.some((sum) => sum >= 2n ** 127n))
  );
}
