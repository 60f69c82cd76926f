import type { Genesis } from '../genesis.ts';
import { readU64 } from '../pools/account-bytes.ts';
import { TOKEN_AMOUNT_OFFSET } from '../pools/token-accounts.ts';
import { type FairRate, findOpportunity } from './arbitrageur.ts';
import { createFairPrices, type FairPrices } from './fair-price.ts';
import { createSeededKeypair, type TraderKeypair } from './keypair.ts';
import type { ReadAccount } from './kinds/pool-kind.ts';
import { ACTIVITY, type Activity, type MarketMood } from './mood.ts';
import type { PlacedPool } from './placed-pool.ts';
import { viewPool } from './pool-view.ts';
import { type SeededDraws, seededDraws } from './seeded-hash.ts';
import { MARKET_TOKENS } from './tokens.ts';
import { createTradeInstruction, type Trade } from './trade.ts';
import type { TraderAccounts } from './traders.ts';
import { signTransaction } from './wire-transaction.ts';

/** The simulated traders of the devnet. They keep no state: after a restart they continue unchanged. */
export interface Market {
  /**
   * Signed wire transactions (at most 1,232 bytes each) that the market's own traders send in this slot.
   * Follows from the seed, the slot, the blockhash and the accounts' state alone.
   *
   * @param input.blockhash Base58; the transactions live as long as it does.
   * @param input.account   The data of an account as of the previous block, or null.
   */
  transactionsForSlot(input: { slot: bigint; blockhash: string; account: ReadAccount }): Uint8Array[];
}

/** Number of pools that the arbitrageur reads per turn: reading all of them would cost more than trading. */
const POOLS_PER_LOOK = 8;
/** Divisor of a trader's balance: the most that it puts into one trade. */
const LARGEST_SHARE_OF_FUNDS = 20n;

const NO_MARKET: Market = { transactionsForSlot: () => [] };

/**
 * @param options.startSlot The chain's first slot, where the fair prices are those of the genesis pools; 0 if left
 *                          out. It must be the same after a restart.
 */
export function createMarket(options: {
  seed: string;
  mood: MarketMood;
  genesis: Genesis;
  startSlot?: bigint;
}): Market {
  const { seed, mood, genesis, startSlot = 0n } = options;
  if (mood === 'none') return NO_MARKET;
  const activity = ACTIVITY[mood];
  const [arbitrageur, ...noiseTraders] = genesis.traders;
  if (arbitrageur === undefined || noiseTraders.length === 0)
    throw new Error(`the genesis of mood ${mood} must have the market's traders`);
  const keypairs = new Map(
    genesis.traders.map(({ name, address }) => [address, createSeededKeypair(seed, name)] as const),
  );
  const world: World = {
    activity,
    pools: genesis.layout.pools,
    arbitrageur,
    noiseTraders,
    fairPrices: createFairPrices({ seed, volatility: activity.volatility, startSlot }),
  };
  return {
    transactionsForSlot: ({ slot, blockhash, account }) => {
      const draws = seededDraws(seed, 'slot', slot);
      const noise = chooseNoiseTrades(world, { slot, account, draws });
      const taken = new Set(noise.map(({ pool }) => pool.address));
      const arbitrage = chooseArbitrageTrades(world, { slot, account, draws }, taken);
      return [...noise, ...arbitrage].map((trade) => sign(trade, keypairs, blockhash));
    },
  };
}

interface World {
  readonly activity: Activity;
  readonly pools: readonly PlacedPool[];
  readonly arbitrageur: TraderAccounts;
  readonly noiseTraders: readonly TraderAccounts[];
  readonly fairPrices: FairPrices;
}

interface Moment {
  readonly slot: bigint;
  readonly account: ReadAccount;
  readonly draws: SeededDraws;
}

function chooseNoiseTrades(world: World, moment: Moment): Trade[] {
  const { draws } = moment;
  return world.activity.noiseChancesPercent.flatMap((percent) => {
    if (draws.below(100) >= percent) return [];
    const trade = chooseNoiseTrade(world, moment);
    return trade === null ? [] : [trade];
  });
}

/**
 * A trade by a random trader, in a random pool and size. The direction leans towards selling the token that the trader
 * has more of, so that no trader runs out of a token.
 */
function chooseNoiseTrade(world: World, { slot, account, draws }: Moment): Trade | null {
  const pool = world.pools[draws.below(world.pools.length)]!;
  const trader = world.noiseTraders[draws.below(world.noiseTraders.length)]!;
  const directionDraw = BigInt(draws.below(10_000));
  const { least, most } = world.activity.noiseShare;
  // Of two draws the smaller: many small trades, few large ones.
  const share = least + Math.min(draws.below(most - least), draws.below(most - least));

  const view = viewPool(pool, account);
  const held0 = balanceOf(trader, pool.mint0, account);
  const held1 = balanceOf(trader, pool.mint1, account);
  if (view === null || held0 + held1 === 0n) return null;
  const rate = fairRate(world.fairPrices, pool, slot);
  const worth0 = (held0 * rate.numerator) / rate.denominator;
  const isZeroForOne = directionDraw * (worth0 + held1) < worth0 * 10_000n;
  const wanted = ((isZeroForOne ? view.reserve0 : view.reserve1) * BigInt(share)) / 1_000_000n;
  const amountIn = smaller(wanted, (isZeroForOne ? held0 : held1) / LARGEST_SHARE_OF_FUNDS);
  return amountIn > 0n ? { pool, view, trader, isZeroForOne, amountIn } : null;
}

/** The trades of the widest gaps, among the pools of this turn. */
function chooseArbitrageTrades(world: World, moment: Moment, taken: ReadonlySet<string>): Trade[] {
  const { slot, account, draws } = moment;
  if (draws.below(100) >= world.activity.arbitrageChancePercent) return [];
  const first = draws.below(world.pools.length);
  const looked = Array.from(
    { length: Math.min(POOLS_PER_LOOK, world.pools.length) },
    (_, index) => world.pools[(first + index) % world.pools.length]!,
  );
  const found = looked.flatMap((pool) => {
    if (taken.has(pool.address)) return [];
    const view = viewPool(pool, account);
    const opportunity = view && findOpportunity(pool, view, fairRate(world.fairPrices, pool, slot));
    if (!view || !opportunity) return [];
    const mintIn = opportunity.isZeroForOne ? pool.mint0 : pool.mint1;
    const held = balanceOf(world.arbitrageur, mintIn, account);
    const amountIn = smaller(opportunity.amountIn, held / LARGEST_SHARE_OF_FUNDS);
    if (amountIn === 0n) return [];
    const trade: Trade = {
      pool,
      view,
      trader: world.arbitrageur,
      isZeroForOne: opportunity.isZeroForOne,
      amountIn,
    };
    return [{ trade, gapBps: opportunity.gapBps }];
  });
  found.sort((a, b) => Number(b.gapBps - a.gapBps));
  return found.slice(0, world.activity.arbitrageTradesPerSlot).map(({ trade }) => trade);
}

/** Token 1 per token 0 in base units, by the fair prices. */
function fairRate(prices: FairPrices, pool: PlacedPool, slot: bigint): FairRate {
  return {
    numerator: prices.picosAt(pool.mint0, slot) * baseUnitsOf(pool.mint1),
    denominator: prices.picosAt(pool.mint1, slot) * baseUnitsOf(pool.mint0),
  };
}

const BASE_UNITS = new Map(MARKET_TOKENS.map(({ mint, decimals }) => [mint, 10n ** BigInt(decimals)]));

function baseUnitsOf(mint: string): bigint {
  return BASE_UNITS.get(mint)!;
}

function balanceOf(trader: TraderAccounts, mint: string, account: ReadAccount): bigint {
  const data = account(trader.tokenAccounts.get(mint)!);
  return data === null ? 0n : readU64(data, TOKEN_AMOUNT_OFFSET);
}

function sign(trade: Trade, keypairs: ReadonlyMap<string, TraderKeypair>, blockhash: string): Uint8Array {
  const keypair = keypairs.get(trade.trader.address)!;
  return signTransaction(keypair, [createTradeInstruction(trade)], blockhash);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
