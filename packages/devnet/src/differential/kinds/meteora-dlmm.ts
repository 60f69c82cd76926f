import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeTokenAccount,
  METEORA_DLMM_PROGRAM,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import { METEORA_DLMM_EVENT_AUTHORITY } from '../../pools/addresses.ts';
import type { DlmmAddresses, DlmmPoolState } from '../../pools/dlmm-state.ts';
import {
  createDlmmBitmapExtension,
  createDlmmPool,
  createDlmmSwap,
  deriveDlmmAddresses,
  deriveDlmmBitmapExtension,
} from '../../pools/meteora-dlmm.ts';
import type { ChainClock, DrawnKind, DrawnSwap, ReadData } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawLimit, quotedOutcome } from '../quoted.ts';
import { mayRewardsFail } from './drawn-dlmm-rewards.ts';
import { arrayIndexesOf, drawDlmmState } from './drawn-dlmm-state.ts';
import { drawAmount, drawArrays } from './drawn-dlmm-swap.ts';
import { drawToken, transferFeeOfMint } from './drawn-token.ts';

const keyOf = (name: string) => createSeededKeypair('differential dlmm', name).address;
const MINTS = [keyOf('mint one'), keyOf('mint two')] as const;
const USERS = [keyOf('user x'), keyOf('user y')] as const;
const HOSTS = [keyOf('host x'), keyOf('host y')] as const;

interface World {
  readonly addresses: DlmmAddresses;
  readonly extension: string | null;
  /** Ascending. */
  readonly arrays: readonly number[];
  readonly wallet: string;
  /** The first versions of the instructions know no other token program. */
  readonly isSplOnly: boolean;
}

/** Meteora DLMM: all types of pairs, fees, limit orders, rewards, far bins, hosts, oracles and mints, in all six instructions. */
export const drawnMeteoraDlmm: DrawnKind = {
  name: 'meteora-dlmm',
  program: METEORA_DLMM_PROGRAM,
  ownProgram: 'meteora-dlmm',
  drawPool: async (draws, { clock, wallet }) => {
    const [mintX, mintY] = draws.once(2) ? [MINTS[1], MINTS[0]] : MINTS;
    const tokens = [drawToken(draws, mintX, clock.epoch), drawToken(draws, mintY, clock.epoch)] as const;
    const drawn = drawDlmmState(draws, clock, wallet);
    const state = { ...drawn, baseKey: keyOf('base') };
    const arrays = arrayIndexesOf(state.bins);
    const derived = await deriveDlmmAddresses({ mintX, mintY, ...state, arrayIndexes: arrays });
    const addresses = { ...derived, tokenProgramX: tokens[0].program, tokenProgramY: tokens[1].program };
    const owner = addresses.pool;
    const hasExtension = arrays.some((index) => index < -512 || index > 511) ? !draws.once(8) : draws.once(5);
    const extension = hasExtension ? await deriveDlmmBitmapExtension(addresses.pool) : null;
    const held = () => draws.pick([10n ** 18n, 10n ** 18n, 10n ** 6n]);
    const accounts: Record<string, GenesisAccount> = {
      ...named(addresses, await createDlmmPool(addresses, state)),
      ...(extension ? { extension: createDlmmBitmapExtension(extension, addresses.pool, arrays) } : {}),
      vaultX: tokens[0].account({ address: addresses.vaultX, owner, amount: 2n ** 62n }),
      vaultY: tokens[1].account({ address: addresses.vaultY, owner, amount: 2n ** 62n }),
      userX: tokens[0].account({ address: USERS[0], owner: wallet, amount: held() }),
      userY: tokens[1].account({ address: USERS[1], owner: wallet, amount: held() }),
      hostX: tokens[0].account({ address: HOSTS[0], owner: SYSTEM_PROGRAM, amount: 0n }),
      hostY: tokens[1].account({ address: HOSTS[1], owner: SYSTEM_PROGRAM, amount: 0n }),
      mintX: tokens[0].mintAccount,
      mintY: tokens[1].mintAccount,
      eventAuthority: {
        address: METEORA_DLMM_EVENT_AUTHORITY,
        lamports: 1_000_000_000n,
        owner: SYSTEM_PROGRAM,
        executable: false,
        data: new Uint8Array(),
      },
    };
    const world: World = {
      addresses,
      extension,
      arrays,
      wallet,
      isSplOnly: tokens.every(({ program }) => program === TOKEN_PROGRAM),
    };
    return { accounts, drawSwap: (swap, at) => drawSwap(swap, { world, state, ...at }) };
  },
};

function named(addresses: DlmmAddresses, accounts: GenesisAccount[]): Record<string, GenesisAccount> {
  const nameOf = (address: string) => {
    if (address === addresses.pool) return 'pool';
    if (address === addresses.oracle) return 'oracle';
    return `array ${Object.entries(addresses.binArrays).find(([, array]) => array === address)?.[0]}`;
  };
  return Object.fromEntries(accounts.map((account) => [nameOf(account.address), account]));
}

function drawSwap(
  draws: Draws,
  at: { world: World; state: DlmmPoolState; read: ReadData; clock: ChainClock },
): DrawnSwap {
  const { world, state, read, clock } = at;
  const { addresses, wallet, extension } = world;
  const isXToY = !draws.once(2);
  const inputIndex = isXToY ? 0 : 1;
  const mode = draws.pick(['exactIn', 'exactOut', 'priceImpact'] as const);
  const [userIn, userOut] = isXToY ? USERS : ([USERS[1], USERS[0]] as const);
  const { arrays, isWhole } = drawArrays(draws, world.arrays, isXToY);
  const pool = toMeteoraDlmmPool({
    pool: decodeMeteoraDlmmPool(read(addresses.pool)),
    binArrays: world.arrays.map((index) => decodeMeteoraDlmmBinArray(read(addresses.binArrays[index]!))),
  });
  const amount = drawAmount(draws, { pool, inputIndex, isOut: mode === 'exactOut' });
  const feeOf = (mint: string) => transferFeeOfMint(read(mint), clock.epoch);
  const transferFees = [feeOf(addresses.mintX), feeOf(addresses.mintY)] as const;
  const request = { inputIndex, clock, transferFees } as const;
  const held = decodeTokenAccount(read(userIn)).amount;
  const ask = (limit: bigint) =>
    mode === 'exactOut'
      ? quotedOutcome(pool, { swapMode: 'exactOut', ...request, amountOut: amount }, { held, limit })
      : quotedOutcome(pool, { swapMode: 'exactIn', ...request, amountIn: amount }, { held, limit });
  const limit = drawLimit(draws, mode === 'exactOut' ? 'most' : 'least', ask);
  const [first, second] = mode === 'exactOut' ? [limit, amount] : [amount, limit];
  const host = draws.once(4) ? HOSTS[draws.below(2)]! : undefined;
  const isFirstVersion = world.isSplOnly ? draws.once(3) : draws.once(20);
  const namesExtension = extension !== null && !draws.once(12);
  const priceImpact =
    mode === 'priceImpact'
      ? {
          bps: draws.once(4) ? draws.below(10_001) : 10_000 - draws.below(2_000),
          activeId: draws.once(2) ? state.activeId + draws.below(9) - 4 : null,
        }
      : null;
  // A quote knows all arrays of the pool and nothing of bounds on the price or of ids (no bin of mainnet lies
  // beyond those), of rewards, of hosts of the other token, and of who may swap before others.
  const isJudged =
    isWhole &&
    priceImpact === null &&
    host === undefined &&
    state.preActivation === undefined &&
    state.minBinId === undefined &&
    !mayRewardsFail(state, clock.unixTimestamp) &&
    (namesExtension || !isFar(world)) &&
    (world.isSplOnly || !isFirstVersion);
  return {
    instruction: createDlmmSwap({
      addresses,
      payer: wallet,
      userIn,
      userOut,
      isXToY,
      first,
      second,
      isExactOut: mode === 'exactOut',
      binArrays: arrays.map((index) => addresses.binArrays[index]!),
      isFirstVersion,
      ...(priceImpact && { priceImpact }),
      ...(namesExtension ? { bitmapExtension: extension } : {}),
      ...(host ? { host } : {}),
    }),
    userIn,
    userOut,
    expected: isJudged ? ask(limit) : null,
    label: `${mode} ${isXToY ? 'x to y' : 'y to x'} ${first} ${priceImpact ? `${priceImpact.bps} bps from ${priceImpact.activeId}` : second} over [${arrays}]${host ? ' with host' : ''}${isFirstVersion ? ' v1' : ''}`,
  };
}

/** Whether an array is only in the extension's bitmap. */
const isFar = ({ arrays }: World): boolean => arrays.some((index) => index < -512 || index > 511);
