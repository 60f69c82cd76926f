import type { GenesisAccount } from '../src/genesis-account.ts';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { isBefore } from '../src/pools/addresses.ts';
import { type ClmmAddresses, type ClmmPoolState, clmmArrayStarts } from '../src/pools/clmm-state.ts';
import {
  type ClmmSwap,
  createClmmBitmapExtension,
  createClmmConfig,
  createClmmPool,
  createClmmSwap,
  createClmmVaults,
  deriveClmmAddresses,
  deriveClmmConfig,
  deriveClmmTickArray,
} from '../src/pools/raydium-clmm.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createProgramVm, type ProgramVm, trader } from './program-vm.ts';

const keyOf = (name: string) => createSeededKeypair('clmm world', name).address;
/** Enough that no swap of a test runs out of it. */
export const HELD = 2n ** 62n;

export interface ClmmWorld {
  readonly vm: ProgramVm;
  readonly user0: string;
  readonly user1: string;
  addresses(): ClmmAddresses;
  /** A pool in this state, with its arrays and extension, and a trader with much of both tokens. */
  place(state: ClmmPoolState, rates?: { tradeFeeRate?: number }): Promise<void>;
  swap(swap: Omit<ClmmSwap, 'addresses' | 'payer' | 'userIn' | 'userOut'>): ReturnType<typeof createClmmSwap>;
  /** What the trader gained of each token since the pool was placed. */
  deltas(): readonly [bigint, bigint];
}

export async function createClmmWorld(): Promise<ClmmWorld> {
  const vm = createProgramVm();
  const [mint0, mint1] = [keyOf('mint one'), keyOf('mint two')].sort((a, b) => (isBefore(a, b) ? -1 : 1)) as [
    string,
    string,
  ];
  const [user0, user1] = [keyOf('user zero'), keyOf('user one')];
  const config = await deriveClmmConfig(0);
  const derived = await deriveClmmAddresses({ config, mint0, mint1, starts: [] });
  /** Derived once each: it is what placing a pool takes longest for. */
  const known = new Map<number, string>();
  const arraysOf = async (starts: readonly number[]) => {
    for (const start of starts)
      if (!known.has(start)) known.set(start, await deriveClmmTickArray(derived.pool, start));
    return Object.fromEntries(starts.map((start) => [start, known.get(start)!]));
  };
  let placed: ClmmAddresses;
  return {
    vm,
    user0,
    user1,
    addresses: () => placed,
    place: async (state, { tradeFeeRate = 2_500 } = {}) => {
      placed = { ...derived, tickArrays: await arraysOf(clmmArrayStarts(state)) };
      const rates = { tradeFeeRate, protocolFeeRate: 120_000, fundFeeRate: 40_000 };
      const owner = trader.address;
      const accounts: GenesisAccount[] = [
        ...(await createClmmPool(placed, state)),
        createClmmConfig(config, { index: 0, tickSpacing: state.tickSpacing, ...rates }),
        createClmmBitmapExtension(placed, state),
        ...createClmmVaults(placed, { amount0: HELD, amount1: HELD }),
        createMint({ address: mint0, decimals: 6, supply: 2n ** 64n - 1n }),
        createMint({ address: mint1, decimals: 6, supply: 2n ** 64n - 1n }),
        createTokenAccount({ address: user0, mint: mint0, owner, amount: HELD }),
        createTokenAccount({ address: user1, mint: mint1, owner, amount: HELD }),
      ];
      vm.set(accounts);
    },
    swap: (swap) => {
      const [userIn, userOut] = swap.isZeroForOne ? [user0, user1] : [user1, user0];
      return createClmmSwap({ ...swap, addresses: placed, payer: trader.address, userIn, userOut });
    },
    deltas: () => [vm.tokenAmount(user0) - HELD, vm.tokenAmount(user1) - HELD],
  };
}
