import {
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  decodeTokenAccount,
  type PoolQuoteRequest,
  RAYDIUM_CLMM_PROGRAM,
  sqrtPriceAtTick,
  toRaydiumClmmPool,
} from '@oee/amm';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import { isBefore } from '../../pools/addresses.ts';
import { type ClmmAddresses, type ClmmPoolState, clmmArrayStarts } from '../../pools/clmm-state.ts';
import {
  createClmmBitmapExtension,
  createClmmConfig,
  createClmmPool,
  createClmmSwap,
  deriveClmmAddresses,
  deriveClmmConfig,
} from '../../pools/raydium-clmm.ts';
import type { ChainClock, DrawnKind, DrawnSwap, ReadData } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawLimit, leavingVault, quotedOutcome } from '../quoted.ts';
import {
  drawClmmConfig,
  drawClmmObservation,
  drawClmmState,
  hasPlainGrowth,
  isWithoutExtension,
  passedStarts,
} from './drawn-clmm-state.ts';
import { drawToken, transferFeeOfMint } from './drawn-token.ts';

const keyOf = (name: string) => createSeededKeypair('differential clmm', name).address;
const MINTS = [keyOf('mint one'), keyOf('mint two')].sort((a, b) => (isBefore(a, b) ? -1 : 1)) as [
  string,
  string,
];
const USERS = [keyOf('user zero'), keyOf('user one')] as const;

interface World {
  readonly addresses: ClmmAddresses;
  readonly state: ClmmPoolState;
  /** Of the tick arrays, ascending. */
  readonly starts: readonly number[];
  readonly hasExtension: boolean;
  /** Quotes know neither what emptied vaults hold nor sums that overflow. */
  readonly isQuotable: boolean;
  readonly wallet: string;
}

/**
 * Raydium CLMM: all spacings, positions over several arrays and bitmaps, rewards, observations, limits of the price, mints
 * with transfer fees. It draws no fees on the output, no fees that follow volatility and no limit orders, since binaries
 * from before 2026 lack them.
 */
export const drawnRaydiumClmm: DrawnKind = {
  name: 'raydium-clmm',
  program: RAYDIUM_CLMM_PROGRAM,
  ownProgram: 'raydium-clmm',
  limitErrors: [6022, 6023],
  drawPool: async (draws, { clock, wallet }) => {
    const [mint0, mint1] = MINTS;
    const tokens = [drawToken(draws, mint0, clock.epoch), drawToken(draws, mint1, clock.epoch)] as const;
    const state = drawClmmState(draws, clock);
    const starts = clmmArrayStarts(state);
    const derived = await deriveClmmAddresses({ config: await deriveClmmConfig(0), mint0, mint1, starts });
    const addresses = { ...derived, tokenProgram0: tokens[0].program, tokenProgram1: tokens[1].program };
    const hasExtension = isWithoutExtension(starts, state.tickSpacing) ? draws.once(2) : !draws.once(12);
    const observation = drawClmmObservation(draws, clock);
    const owner = addresses.pool;
    const held = () => draws.pick([10n ** 18n, 10n ** 18n, 10n ** 6n]);
    const isShort = draws.once(10);
    const kept = () => (isShort ? draws.amount(10n ** 12n) : 2n ** 62n);
    const accounts: Record<string, GenesisAccount> = {
      ...named(addresses, await createClmmPool(addresses, state, observation)),
      config: createClmmConfig(addresses.config, drawClmmConfig(draws, state.tickSpacing)),
      ...(hasExtension ? { extension: createClmmBitmapExtension(addresses, state) } : {}),
      vault0: tokens[0].account({ address: addresses.vault0, owner, amount: kept() }),
      vault1: tokens[1].account({ address: addresses.vault1, owner, amount: kept() }),
      user0: tokens[0].account({ address: USERS[0], owner: wallet, amount: held() }),
      user1: tokens[1].account({ address: USERS[1], owner: wallet, amount: held() }),
      mint0: tokens[0].mintAccount,
      mint1: tokens[1].mintAccount,
    };
    const isQuotable = !isShort && hasPlainGrowth(state);
    const world: World = { addresses, state, starts, hasExtension, isQuotable, wallet };
    return {
      accounts,
      drawSwap: (swap, at) => drawSwap(swap, { world, ...at }),
      isNewerField: (address, offset) => isNewerField(addresses, address, offset),
    };
  },
};

function named(addresses: ClmmAddresses, accounts: GenesisAccount[]): Record<string, GenesisAccount> {
  const nameOf = (address: string) => {
    if (address === addresses.pool) return 'pool';
    if (address === addresses.observation) return 'observation';
    return `array ${Object.entries(addresses.tickArrays).find(([, array]) => array === address)?.[0]}`;
  };
  return Object.fromEntries(accounts.map((account) => [nameOf(account.address), account]));
}

/** The fee's side and the part that follows volatility in the pool, and limit orders in a tick. */
function isNewerField(addresses: ClmmAddresses, address: string, offset: number): boolean {
  if (address === addresses.pool) return offset === 390 || (offset >= 1_096 && offset < 1_176);
  if (!Object.values(addresses.tickArrays).includes(address)) return false;
  const inTick = (offset - 44) % 168;
  return offset >= 44 && inTick >= 116 && inTick < 156;
}

function drawSwap(draws: Draws, at: { world: World; read: ReadData; clock: ChainClock }): DrawnSwap {
  const { world, read, clock } = at;
  const { addresses, wallet } = world;
  const isZeroForOne = !draws.once(2);
  const isExactOut = draws.once(2);
  const [userIn, userOut] = isZeroForOne ? USERS : ([USERS[1], USERS[0]] as const);
  const account = decodeRaydiumClmmPool(read(addresses.pool));
  // The amount that the pool can serve depends on its liquidity.
  const most = draws.once(4) ? 10n ** 18n : 1_000n + account.liquidity / 50n;
  const amount = draws.once(40) ? 0n : draws.amount(most < 10n ** 18n ? most : 10n ** 18n);
  const named = drawRemaining(draws, world, { tick: account.tick, isFalling: isZeroForOne });
  const pool = toRaydiumClmmPool({
    pool: account,
    config: decodeRaydiumClmmConfig(read(addresses.config)),
    tickArrays: named.starts.map((start) => decodeRaydiumClmmTickArray(read(addresses.tickArrays[start]!))),
  });
  const feeOf = (mint: string) => transferFeeOfMint(read(mint), clock.epoch);
  const transferFees = [feeOf(addresses.mint0), feeOf(addresses.mint1)] as const;
  const request = { inputIndex: isZeroForOne ? 0 : 1, clock, transferFees } as const;
  const held = decodeTokenAccount(read(userIn)).amount;
  // The program looks at what leaves the vault; the mint may withhold all of it.
  const paysZero = transferFees[isZeroForOne ? 1 : 0] !== null;
  const asked: PoolQuoteRequest = isExactOut
    ? { swapMode: 'exactOut', ...request, amountOut: amount }
    : { swapMode: 'exactIn', ...request, amountIn: amount };
  const ask = (limit: bigint) =>
    quotedOutcome(pool, asked, { held, limit, paysZero: paysZero && !isExactOut });
  // Drawn liquidity is backed by no deposits: it can sell more than any vault holds.
  const vault = decodeTokenAccount(read(isZeroForOne ? addresses.vault1 : addresses.vault0));
  const isQuotable = world.isQuotable && named.isUsual && leavingVault(pool, asked) <= vault.amount;
  const threshold = drawLimit(draws, isExactOut ? 'most' : 'least', ask);
  const sqrtPriceLimit = drawPriceLimit(draws, account.tick, isZeroForOne);
  return {
    instruction: createClmmSwap({
      addresses,
      isZeroForOne,
      payer: wallet,
      userIn,
      userOut,
      isExactOut,
      amount,
      threshold,
      sqrtPriceLimit,
      remaining: named.remaining,
    }),
    userIn,
    userOut,
    expected: isQuotable && sqrtPriceLimit === 0n ? ask(threshold) : null,
    label: `${isExactOut ? 'exactOut' : 'exactIn'} ${isZeroForOne ? '0 to 1' : '1 to 0'} ${amount} ${threshold} limit ${sqrtPriceLimit} over ${named.label}`,
  };
}

/** Mostly the extension and the arrays that the price passes; sometimes fewer, in another order, or with one behind the price. */
function drawRemaining(draws: Draws, world: World, at: { tick: number; isFalling: boolean }) {
  const { addresses, starts, hasExtension, state } = world;
  const passed = passedStarts(starts, { ...at, tickSpacing: state.tickSpacing }).slice(0, 12);
  const choice = draws.below(10);
  const place = draws.below(Math.max(1, passed.length));
  const behind = starts.filter((start) => !passed.includes(start)).slice(0, 2);
  const given =
    choice === 6
      ? passed.filter((_, index) => index !== place)
      : choice === 7
        ? [...passed].reverse()
        : choice === 8
          ? [...behind, ...passed]
          : choice === 9
            ? passed.slice(0, 1 + place)
            : passed;
  const arrays = given.map((start) => addresses.tickArrays[start]!);
  const isNamed = hasExtension && !draws.once(8);
  const isLast = draws.once(8);
  const extension = isNamed ? [addresses.bitmapExtension] : [];
  return {
    starts: given,
    remaining: isLast ? [...arrays, ...extension] : [...extension, ...arrays],
    isUsual: choice !== 6 && choice !== 7 && (isNamed || isWithoutExtension(starts, state.tickSpacing)),
    label: `[${given}]${isNamed ? ' and extension' : ''}`,
  };
}

/** Mostly none; else the price of a tick that is near, in either direction, or beyond all. */
function drawPriceLimit(draws: Draws, tick: number, isFalling: boolean): bigint {
  const choice = draws.below(8);
  const distance = draws.pick([1, 30, 1_000, 20_000]);
  const away = (choice === 7) === isFalling ? 1 : -1;
  const bounded = Math.min(Math.max(tick + away * (1 + draws.below(distance)), -443_636), 443_636);
  return choice < 5 ? 0n : sqrtPriceAtTick(bounded) + BigInt(draws.below(2));
}
