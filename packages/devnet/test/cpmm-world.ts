import { NATIVE_MINT, TOKEN_PROGRAM } from '@oee/solana';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { RAYDIUM_CPMM_AUTHORITY } from '../src/pools/addresses.ts';
import {
  type CpmmAddresses,
  type CpmmPoolState,
  type CpmmRates,
  createCpmmConfig,
  createCpmmObservation,
  createCpmmPool,
  createCpmmSwap,
  createCpmmVaults,
  deriveCpmmAddresses,
  deriveCpmmConfig,
} from '../src/pools/raydium-cpmm.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createProgramVm, type ProgramVm, trader } from './program-vm.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

export interface CpmmWorld {
  readonly vm: ProgramVm;
  readonly addresses: CpmmAddresses;
  readonly user0: string;
  readonly user1: string;
  place(state: {
    vault0: bigint;
    vault1: bigint;
    user0: bigint;
    user1: bigint;
    pool?: Partial<CpmmPoolState>;
    rates?: Partial<CpmmRates>;
  }): void;
  swap(options: {
    isZeroForOne: boolean;
    isBaseOutput?: boolean;
    first: bigint;
    second: bigint;
  }): ReturnType<typeof createCpmmSwap>;
}

export const MAINNET_RATES: CpmmRates = {
  tradeFeeRate: 2_500n,
  protocolFeeRate: 120_000n,
  fundFeeRate: 40_000n,
  creatorFeeRate: 0n,
};

/** A SOL/USDC pool and a trader with both tokens, whose state every test sets as it needs. */
export async function createCpmmWorld(
  options: { tokenProgram?: string; mint0?: string; mint1?: string } = {},
): Promise<CpmmWorld> {
  const vm = createProgramVm();
  const program = options.tokenProgram ?? TOKEN_PROGRAM;
  const mint0 = options.mint0 ?? NATIVE_MINT;
  const mint1 = options.mint1 ?? USDC;
  const derived = await deriveCpmmAddresses({ config: await deriveCpmmConfig(0), mint0, mint1 });
  const addresses = { ...derived, tokenProgram0: program, tokenProgram1: program };
  const user0 = createSeededKeypair('cpmm', 'user 0').address;
  const user1 = createSeededKeypair('cpmm', 'user 1').address;
  return {
    vm,
    addresses,
    user0,
    user1,
    place: ({ vault0, vault1, user0: held0, user1: held1, pool, rates }) => {
      const owner = trader.address;
      vm.set([
        createMint({ address: mint0, decimals: 9, supply: 10n ** 19n, program }),
        createMint({ address: mint1, decimals: 6, supply: 10n ** 19n, program }),
        createCpmmConfig(addresses.config, 0, { ...MAINNET_RATES, ...rates }),
        createCpmmPool(addresses, { decimals0: 9, decimals1: 6, ...pool }),
        createCpmmObservation(addresses),
        ...createCpmmVaults(addresses, { amount0: vault0, amount1: vault1 }),
        createTokenAccount({ address: user0, mint: mint0, owner, amount: held0, program }),
        createTokenAccount({ address: user1, mint: mint1, owner, amount: held1, program }),
        {
          address: RAYDIUM_CPMM_AUTHORITY.address,
          lamports: 1_000_000_000n,
          owner: '11111111111111111111111111111111',
          executable: false,
          data: new Uint8Array(),
        },
      ]);
    },
    swap: ({ isZeroForOne, isBaseOutput, first, second }) =>
      createCpmmSwap({
        addresses,
        isZeroForOne,
        isBaseOutput: isBaseOutput ?? false,
        payer: trader.address,
        userIn: isZeroForOne ? user0 : user1,
        userOut: isZeroForOne ? user1 : user0,
        amountIn: first,
        minAmountOut: second,
      }),
  };
}
