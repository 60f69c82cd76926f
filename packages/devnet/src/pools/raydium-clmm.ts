import { RAYDIUM_CLMM_PROGRAM } from '@oee/amm';
import {
  deriveAddress,
  deriveAddressAndBump,
  MEMO_PROGRAM,
  requireAddressBytes,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes } from './account-bytes.ts';
import {
  type ClmmAddresses,
  type ClmmConfigState,
  type ClmmObservationState,
  type ClmmPoolState,
  clmmBitmapExtensionBytes,
  clmmConfigBytes,
  clmmObservationBytes,
  clmmPoolBytes,
  clmmTickArrayBytes,
} from './clmm-state.ts';
import type { SwapInstruction } from './swap-instruction.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

const SWAP_V2 = Uint8Array.of(0x2b, 0x04, 0xed, 0x0b, 0x1a, 0xc9, 0x1e, 0x62);

/** The address of a fee configuration by its index, as on mainnet. */
export function deriveClmmConfig(index: number): Promise<string> {
  return deriveAddress(RAYDIUM_CLMM_PROGRAM, ['amm_config', Uint8Array.of(index >> 8, index & 0xff)]);
}

/** All addresses of a pool. `mint0` must sort before `mint1`. */
export async function deriveClmmAddresses(pool: {
  config: string;
  mint0: string;
  mint1: string;
  /** Of its tick arrays. */
  starts: readonly number[];
}): Promise<ClmmAddresses> {
  const program = RAYDIUM_CLMM_PROGRAM;
  const { config, mint0, mint1 } = pool;
  const { address } = await derivePool(pool);
  const key = requireAddressBytes(address);
  const [vault0, vault1, observation, bitmapExtension] = await Promise.all([
    deriveAddress(program, ['pool_vault', key, requireAddressBytes(mint0)]),
    deriveAddress(program, ['pool_vault', key, requireAddressBytes(mint1)]),
    deriveAddress(program, ['observation', key]),
    deriveAddress(program, ['pool_tick_array_bitmap_extension', key]),
  ]);
  const tickArrays = await Promise.all(
    pool.starts.map(async (start) => [start, await deriveClmmTickArray(address, start)] as const),
  );
  return {
    ...{ pool: address, config, observation, mint0, mint1, vault0, vault1, bitmapExtension },
    ...{ tokenProgram0: TOKEN_PROGRAM, tokenProgram1: TOKEN_PROGRAM },
    tickArrays: Object.fromEntries(tickArrays),
  };
}

function derivePool(pool: { config: string; mint0: string; mint1: string }) {
  const parts = [
    requireAddressBytes(pool.config),
    requireAddressBytes(pool.mint0),
    requireAddressBytes(pool.mint1),
  ];
  return deriveAddressAndBump(RAYDIUM_CLMM_PROGRAM, ['pool', ...parts]);
}

/** @param start The tick that the array starts at. */
export function deriveClmmTickArray(pool: string, start: number): Promise<string> {
  const seed = new Uint8Array(4);
  new DataView(seed.buffer).setInt32(0, start); // Big endian.
  return deriveAddress(RAYDIUM_CLMM_PROGRAM, ['tick_array', requireAddressBytes(pool), seed]);
}

const own = (address: string, data: Uint8Array): GenesisAccount => ({
  address,
  lamports: rentExemptLamports(data.length),
  owner: RAYDIUM_CLMM_PROGRAM,
  executable: false,
  data,
});

export function createClmmConfig(address: string, config: ClmmConfigState): GenesisAccount {
  return own(address, clmmConfigBytes(config));
}

export function createClmmBitmapExtension(addresses: ClmmAddresses, state: ClmmPoolState): GenesisAccount {
  return own(addresses.bitmapExtension, clmmBitmapExtensionBytes(addresses.pool, state));
}

/** The pool, its observation and its tick arrays. */
export async function createClmmPool(
  addresses: ClmmAddresses,
  state: ClmmPoolState,
  observation?: ClmmObservationState,
): Promise<GenesisAccount[]> {
  const { bump } = await derivePool(addresses);
  return [
    own(addresses.pool, clmmPoolBytes({ ...addresses, bump }, state)),
    own(addresses.observation, clmmObservationBytes(addresses.pool, observation)),
    ...Object.entries(addresses.tickArrays).map(([start, address]) =>
      own(address, clmmTickArrayBytes(addresses.pool, Number(start), state)),
    ),
  ];
}

export function createClmmVaults(
  addresses: ClmmAddresses,
  amounts: { amount0: bigint; amount1: bigint },
): GenesisAccount[] {
  const { pool: owner, vault0, vault1, mint0, mint1, tokenProgram0, tokenProgram1 } = addresses;
  const { amount0, amount1 } = amounts;
  return [
    createTokenAccount({ address: vault0, mint: mint0, owner, amount: amount0, program: tokenProgram0 }),
    createTokenAccount({ address: vault1, mint: mint1, owner, amount: amount1, program: tokenProgram1 }),
  ];
}

export interface ClmmSwap {
  readonly addresses: ClmmAddresses;
  readonly isZeroForOne: boolean;
  readonly payer: string;
  readonly userIn: string;
  readonly userOut: string;
  readonly isExactOut?: boolean;
  /** The input, or for an exact output the output. */
  readonly amount: bigint;
  /** The least output, or for an exact output the most input. */
  readonly threshold: bigint;
  /** 0: no price limit; the swap executes the whole amount or fails. */
  readonly sqrtPriceLimit?: bigint;
  /** The bitmap extension and the tick arrays; without the first, all arrays in the order in which the price passes them. */
  readonly remaining?: readonly string[];
}

/** `swap_v2`. */
export function createClmmSwap(swap: ClmmSwap): SwapInstruction {
  const { addresses, isZeroForOne } = swap;
  const readonly = (address: string) => ({ address, isSigner: false, isWritable: false });
  const writable = (address: string) => ({ address, isSigner: false, isWritable: true });
  const side0 = [addresses.vault0, addresses.mint0] as const;
  const side1 = [addresses.vault1, addresses.mint1] as const;
  const [[vaultIn, mintIn], [vaultOut, mintOut]] = isZeroForOne ? [side0, side1] : [side1, side0];
  const data = createAccountBytes(41)
    .raw(0, SWAP_V2)
    .u64(8, swap.amount)
    .u64(16, swap.threshold)
    .u128(24, swap.sqrtPriceLimit ?? 0n)
    .u8(40, swap.isExactOut ? 0 : 1);
  return {
    program: RAYDIUM_CLMM_PROGRAM,
    data: data.bytes,
    accounts: [
      { address: swap.payer, isSigner: true, isWritable: false },
      readonly(addresses.config),
      writable(addresses.pool),
      writable(swap.userIn),
      writable(swap.userOut),
      writable(vaultIn),
      writable(vaultOut),
      writable(addresses.observation),
      readonly(TOKEN_PROGRAM),
      readonly(TOKEN_2022_PROGRAM),
      readonly(MEMO_PROGRAM),
      readonly(mintIn),
      readonly(mintOut),
      ...(swap.remaining ?? passedTickArrays(addresses, isZeroForOne)).map(writable),
    ],
  };
}

/** All tick arrays of the pool, in the order in which the price passes them. */
export function passedTickArrays({ tickArrays }: ClmmAddresses, isFalling: boolean): string[] {
  const starts = Object.keys(tickArrays).map(Number);
  return starts.sort((a, b) => (isFalling ? b - a : a - b)).map((start) => tickArrays[start]!);
}
