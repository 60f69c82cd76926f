import { NATIVE_MINT, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { METEORA_DAMM_V2_AUTHORITY, METEORA_DAMM_V2_EVENT_AUTHORITY } from '../src/pools/addresses.ts';
import {
  createDammPool,
  createDammVaults,
  DAMM_MAX_SQRT_PRICE,
  DAMM_MIN_SQRT_PRICE,
  type DammAddresses,
  type DammPoolState,
  deriveDammAddresses,
} from '../src/pools/meteora-damm-v2.ts';
import { createDammSwap } from '../src/pools/meteora-damm-v2-swap.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createProgramVm, type ProgramVm, trader } from './program-vm.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
export const VAULT_START = 10n ** 18n;
export const USER_START = 10n ** 18n;

export interface DammWorld {
  readonly vm: ProgramVm;
  readonly addresses: DammAddresses;
  readonly userA: string;
  readonly userB: string;
  /** Sets the pool; vaults and the trader start with more than any swap can move. */
  place(pool: Partial<DammPoolState>): void;
  swap(options: {
    isAToB: boolean;
    amount0: bigint;
    amount1: bigint;
    mode?: number | 'none';
    referral?: string;
  }): ReturnType<typeof createDammSwap>;
  /** What the trader gained (or lost, negative) since `place`. */
  deltas(): { a: bigint; b: bigint };
}

/** A SOL/USDC pool and a trader with both tokens, whose state every test sets as it needs. */
export async function createDammWorld(options: { tokenProgram?: string } = {}): Promise<DammWorld> {
  const vm = createProgramVm();
  const program = options.tokenProgram ?? TOKEN_PROGRAM;
  const derived = await deriveDammAddresses({ config: NATIVE_MINT, mintA: NATIVE_MINT, mintB: USDC });
  const addresses = { ...derived, tokenProgramA: program, tokenProgramB: program };
  const userA = createSeededKeypair('damm', 'user a').address;
  const userB = createSeededKeypair('damm', 'user b').address;
  const owner = trader.address;
  return {
    vm,
    addresses,
    userA,
    userB,
    place: (pool) => {
      vm.set([
        createMint({ address: addresses.mintA, decimals: 9, supply: 10n ** 19n, program }),
        createMint({ address: addresses.mintB, decimals: 6, supply: 10n ** 19n, program }),
        createDammPool(addresses, {
          baseFee: { cliffFeeNumerator: 2_500_000n },
          protocolFeePercent: 20,
          liquidity: 7_144_393_261_392_398_213_787_312_892_591n,
          sqrtMinPrice: DAMM_MIN_SQRT_PRICE,
          sqrtMaxPrice: DAMM_MAX_SQRT_PRICE,
          sqrtPrice: 7_144_393_260_748_141_011n,
          collectFeeMode: 0,
          feeVersion: 1,
          ...pool,
        }),
        ...createDammVaults(addresses, { amountA: VAULT_START, amountB: VAULT_START }),
        createTokenAccount({ address: userA, mint: addresses.mintA, owner, amount: USER_START, program }),
        createTokenAccount({ address: userB, mint: addresses.mintB, owner, amount: USER_START, program }),
        ...[METEORA_DAMM_V2_AUTHORITY, METEORA_DAMM_V2_EVENT_AUTHORITY].map((address) => ({
          address,
          lamports: 1_000_000_000n,
          owner: SYSTEM_PROGRAM,
          executable: false,
          data: new Uint8Array(),
        })),
      ]);
    },
    swap: ({ isAToB, ...swap }) =>
      createDammSwap({
        addresses,
        payer: trader.address,
        userIn: isAToB ? userA : userB,
        userOut: isAToB ? userB : userA,
        ...swap,
      }),
    deltas: () => ({ a: vm.tokenAmount(userA) - USER_START, b: vm.tokenAmount(userB) - USER_START }),
  };
}
