import { RAYDIUM_CPMM_PROGRAM } from '@oee/amm';
import { deriveAddress, requireAddressBytes, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes, readU64 } from './account-bytes.ts';
import { RAYDIUM_CPMM_AUTHORITY } from './addresses.ts';
import type { SwapInstruction } from './swap-instruction.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

/** Layouts: raydium-io/raydium-cp-swap (Apache-2.0), programs/cp-swap/src/states/{pool,config,oracle}.rs. */
const POOL_BYTES = 637;
const CONFIG_BYTES = 236;
const OBSERVATION_BYTES = 4075;
const POOL_DISCRIMINATOR = Uint8Array.of(0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46);
const CONFIG_DISCRIMINATOR = Uint8Array.of(0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f);
const OBSERVATION_DISCRIMINATOR = Uint8Array.of(0x7a, 0xae, 0xc5, 0x35, 0x81, 0x09, 0xa5, 0x84);
const SWAP_BASE_INPUT = Uint8Array.of(0x8f, 0xbe, 0x5a, 0xda, 0xc4, 0x1e, 0x33, 0xde);
const SWAP_BASE_OUTPUT = Uint8Array.of(0x37, 0xd9, 0x62, 0x56, 0xa3, 0x4a, 0xb4, 0xad);

/** Rates are per 1,000,000; protocol and fund take their part of the trade fee. */
export interface CpmmRates {
  readonly tradeFeeRate: bigint;
  readonly protocolFeeRate: bigint;
  readonly fundFeeRate: bigint;
  readonly creatorFeeRate: bigint;
}

export interface CpmmAddresses {
  readonly pool: string;
  readonly config: string;
  readonly observation: string;
  readonly lpMint: string;
  readonly mint0: string;
  readonly mint1: string;
  readonly vault0: string;
  readonly vault1: string;
  readonly tokenProgram0: string;
  readonly tokenProgram1: string;
}

export interface CpmmPoolState {
  readonly decimals0: number;
  readonly decimals1: number;
  /** Bit 2 set: swaps are disabled. */
  readonly status?: number;
  /** Unix seconds before which swaps are refused. */
  readonly openTime?: bigint;
  readonly lpSupply?: bigint;
  readonly owed0?: CpmmFeesOwed;
  readonly owed1?: CpmmFeesOwed;
  /** Present: the pool takes the configuration's creator fee, on the input, token 0 or token 1. */
  readonly creatorFeeOn?: 0 | 1 | 2;
}

/** Fees in the vault that belong to others than the pool, base units. */
interface CpmmFeesOwed {
  readonly protocol?: bigint;
  readonly fund?: bigint;
  readonly creator?: bigint;
}

/** The address of a fee configuration by its index, as on mainnet. */
export function deriveCpmmConfig(index: number): Promise<string> {
  return deriveAddress(RAYDIUM_CPMM_PROGRAM, ['amm_config', Uint8Array.of(index >> 8, index & 0xff)]);
}

/** All addresses of a pool. `mint0` must sort before `mint1`. */
export async function deriveCpmmAddresses(pool: {
  config: string;
  mint0: string;
  mint1: string;
}): Promise<CpmmAddresses> {
  const program = RAYDIUM_CPMM_PROGRAM;
  const mints = [requireAddressBytes(pool.mint0), requireAddressBytes(pool.mint1)] as const;
  const address = await deriveAddress(program, ['pool', requireAddressBytes(pool.config), ...mints]);
  const key = requireAddressBytes(address);
  const [vault0, vault1, lpMint, observation] = await Promise.all([
    deriveAddress(program, ['pool_vault', key, mints[0]]),
    deriveAddress(program, ['pool_vault', key, mints[1]]),
    deriveAddress(program, ['pool_lp_mint', key]),
    deriveAddress(program, ['observation', key]),
  ]);
  const tokenPrograms = { tokenProgram0: TOKEN_PROGRAM, tokenProgram1: TOKEN_PROGRAM };
  return { ...pool, pool: address, vault0, vault1, lpMint, observation, ...tokenPrograms };
}

export function createCpmmConfig(address: string, index: number, rates: CpmmRates): GenesisAccount {
  const data = createAccountBytes(CONFIG_BYTES)
    .raw(0, CONFIG_DISCRIMINATOR)
    .u16(10, index)
    .u64(12, rates.tradeFeeRate)
    .u64(20, rates.protocolFeeRate)
    .u64(28, rates.fundFeeRate)
    .u64(108, rates.creatorFeeRate);
  return programAccount(address, data.bytes);
}

export function createCpmmPool(addresses: CpmmAddresses, state: CpmmPoolState): GenesisAccount {
  const data = createAccountBytes(POOL_BYTES)
    .raw(0, POOL_DISCRIMINATOR)
    .address(8, addresses.config)
    .address(72, addresses.vault0)
    .address(104, addresses.vault1)
    .address(136, addresses.lpMint)
    .address(168, addresses.mint0)
    .address(200, addresses.mint1)
    .address(232, addresses.tokenProgram0)
    .address(264, addresses.tokenProgram1)
    .address(296, addresses.observation)
    .u8(328, RAYDIUM_CPMM_AUTHORITY.bump)
    .u8(329, state.status ?? 0)
    .u8(330, 9)
    .u8(331, state.decimals0)
    .u8(332, state.decimals1)
    .u64(333, state.lpSupply ?? 0n)
    .u64(341, state.owed0?.protocol ?? 0n)
    .u64(349, state.owed1?.protocol ?? 0n)
    .u64(357, state.owed0?.fund ?? 0n)
    .u64(365, state.owed1?.fund ?? 0n)
    .u64(373, state.openTime ?? 0n)
    .u8(389, state.creatorFeeOn ?? 0)
    .u8(390, state.creatorFeeOn === undefined ? 0 : 1)
    .u64(397, state.owed0?.creator ?? 0n)
    .u64(405, state.owed1?.creator ?? 0n);
  return programAccount(addresses.pool, data.bytes);
}

export function createCpmmObservation(addresses: CpmmAddresses): GenesisAccount {
  const data = createAccountBytes(OBSERVATION_BYTES)
    .raw(0, OBSERVATION_DISCRIMINATOR)
    .address(11, addresses.pool);
  return programAccount(addresses.observation, data.bytes);
}

export function createCpmmVaults(
  addresses: CpmmAddresses,
  amounts: { amount0: bigint; amount1: bigint },
): GenesisAccount[] {
  const owner = RAYDIUM_CPMM_AUTHORITY.address;
  const { vault0, vault1, mint0, mint1, tokenProgram0, tokenProgram1 } = addresses;
  return [
    createTokenAccount({
      address: vault0,
      mint: mint0,
      owner,
      amount: amounts.amount0,
      program: tokenProgram0,
    }),
    createTokenAccount({
      address: vault1,
      mint: mint1,
      owner,
      amount: amounts.amount1,
      program: tokenProgram1,
    }),
  ];
}

/** Fees in the vaults that are not the pool's own, base units of token 0 and token 1. */
export function readCpmmFeesOwed(pool: Uint8Array): { owed0: bigint; owed1: bigint } {
  const sum = (...offsets: number[]) => offsets.reduce((total, offset) => total + readU64(pool, offset), 0n);
  return { owed0: sum(341, 357, 397), owed1: sum(349, 365, 405) };
}

/**
 * A swap of exactly `amountIn` for at least `minAmountOut`, or (base output) of at most `amountIn` for exactly
 * `minAmountOut`.
 */
export function createCpmmSwap(swap: {
  addresses: CpmmAddresses;
  isZeroForOne: boolean;
  isBaseOutput?: boolean;
  payer: string;
  userIn: string;
  userOut: string;
  amountIn: bigint;
  minAmountOut: bigint;
}): SwapInstruction {
  const { addresses, isZeroForOne } = swap;
  const side0 = [addresses.vault0, addresses.tokenProgram0, addresses.mint0] as const;
  const side1 = [addresses.vault1, addresses.tokenProgram1, addresses.mint1] as const;
  const [vaultIn, programIn, mintIn] = isZeroForOne ? side0 : side1;
  const [vaultOut, programOut, mintOut] = isZeroForOne ? side1 : side0;
  const data = createAccountBytes(24)
    .raw(0, swap.isBaseOutput ? SWAP_BASE_OUTPUT : SWAP_BASE_INPUT)
    .u64(8, swap.amountIn)
    .u64(16, swap.minAmountOut);
  return {
    program: RAYDIUM_CPMM_PROGRAM,
    data: data.bytes,
    accounts: [
      { address: swap.payer, isSigner: true, isWritable: false },
      { address: RAYDIUM_CPMM_AUTHORITY.address, isSigner: false, isWritable: false },
      { address: addresses.config, isSigner: false, isWritable: false },
      { address: addresses.pool, isSigner: false, isWritable: true },
      { address: swap.userIn, isSigner: false, isWritable: true },
      { address: swap.userOut, isSigner: false, isWritable: true },
      { address: vaultIn, isSigner: false, isWritable: true },
      { address: vaultOut, isSigner: false, isWritable: true },
      { address: programIn, isSigner: false, isWritable: false },
      { address: programOut, isSigner: false, isWritable: false },
      { address: mintIn, isSigner: false, isWritable: false },
      { address: mintOut, isSigner: false, isWritable: false },
      { address: addresses.observation, isSigner: false, isWritable: true },
    ],
  };
}

function programAccount(address: string, data: Uint8Array): GenesisAccount {
  return {
    address,
    lamports: rentExemptLamports(data.length),
    owner: RAYDIUM_CPMM_PROGRAM,
    executable: false,
    data,
  };
}
