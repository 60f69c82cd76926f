import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeTokenAccount,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../../chain/addresses.ts';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import { METEORA_DLMM_EVENT_AUTHORITY, METEORA_DLMM_PROGRAM, TOKEN_PROGRAM } from '../../pools/addresses.ts';
import type { DlmmAddresses, DlmmPoolState } from '../../pools/dlmm-state.ts';
import {
  createDlmmBitmapExtension,
  createDlmmPool,
  createDlmmSwap,
  deriveDlmmAddresses,
  deriveDlmmBitmapExtension,
} from '../../pools/meteora-dlmm.ts';
import { createMint, createTokenAccount } from '../../pools/token-accounts.ts';
import type { Draws } from '../draws.ts';
import type { ChainClock, DrawnSwap, PoolKind, ReadData } from '../pool-kind.ts';
import { drawLimit, quotedOutcome } from '../quoted.ts';
import { arrayIndexesOf, drawDlmmState } from './drawn-dlmm-state.ts';

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
}

/** A mint of SPL Token or of Token-2022, without extensions: the devnet's program refuses those with them. */
function drawToken(draws: Draws, mint: string) {
  const program = draws.pick([TOKEN_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM]);
  return {
    program,
    mintAccount: createMint({ address: mint, decimals: draws.pick([6, 9, 0]), supply: 2n ** 63n, program }),
    account: (account: { address: string; owner: string; amount: bigint }) =>
      createTokenAccount({ ...account, mint, program }),
  };
}

/** Meteora DLMM: all types of pairs, fees, limit orders, far bins, hosts and oracles, in all six instructions. */
export const meteoraDlmmKind: PoolKind = {
  name: 'meteora-dlmm',
  program: METEORA_DLMM_PROGRAM,
  ownProgram: 'meteora-dlmm',
  drawPool: async (draws, { clock, wallet }) => {
    const [mintX, mintY] = draws.once(2) ? [MINTS[1], MINTS[0]] : MINTS;
    const tokens = [drawToken(draws, mintX), drawToken(draws, mintY)] as const;
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
    const world: World = { addresses, extension, arrays, wallet };
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
  const { world, read, clock } = at;
  const { addresses, wallet, extension } = world;
  const isXToY = !draws.once(2);
  const mode = draws.pick(['exactIn', 'exactOut', 'priceImpact'] as const);
  const amount = draws.once(40) ? 0n : draws.amount(10n ** 18n);
  const [userIn, userOut] = isXToY ? USERS : ([USERS[1], USERS[0]] as const);
  const arrays = drawArrays(draws, world, isXToY);
  const pool = toMeteoraDlmmPool({
    pool: decodeMeteoraDlmmPool(read(addresses.pool)),
    binArrays: world.arrays.map((index) => decodeMeteoraDlmmBinArray(read(addresses.binArrays[index]!))),
  });
  const request = { inputIndex: isXToY ? 0 : 1, clock, transferFees: [null, null] } as const;
  const held = decodeTokenAccount(read(userIn)).amount;
  const ask = (limit: bigint) =>
    mode === 'exactOut'
      ? quotedOutcome(pool, { swapMode: 'exactOut', ...request, amountOut: amount }, { held, limit })
      : quotedOutcome(pool, { swapMode: 'exactIn', ...request, amountIn: amount }, { held, limit });
  const limit = drawLimit(draws, mode === 'exactOut' ? 'most' : 'least', ask);
  const [first, second] = mode === 'exactOut' ? [limit, amount] : [amount, limit];
  const host = draws.once(4) ? HOSTS[draws.below(2)]! : undefined;
  const isFirstVersion = draws.once(3);
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
      ...(mode === 'priceImpact'
        ? {
            priceImpact: {
              bps: draws.below(10_001),
              activeId: draws.once(2) ? at.state.activeId + draws.below(9) - 4 : null,
            },
          }
        : {}),
      ...(extension && !draws.once(8) ? { bitmapExtension: extension } : {}),
      ...(host ? { host } : {}),
    }),
    userIn,
    userOut,
    expected: null,
    label: `${mode} ${isXToY ? 'x to y' : 'y to x'} ${first} ${second} over [${arrays}]${host ? ' with host' : ''}${isFirstVersion ? ' v1' : ''}`,
  };
}

/** Mostly all arrays in the order of the walk; sometimes one too few, one too many, or another order. */
function drawArrays(draws: Draws, { arrays }: World, isXToY: boolean): number[] {
  const walked = isXToY ? [...arrays].reverse() : [...arrays];
  const choice = draws.below(8);
  const at = draws.below(Math.max(1, walked.length));
  if (choice === 5) return walked.filter((_, index) => index !== at);
  if (choice === 6) return [...walked.slice(at), ...walked.slice(0, at)];
  if (choice === 7) return [...walked].reverse();
  return walked;
}
