import { dlmmBinPrice } from '@oee/amm';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes, readU64 } from './account-bytes.ts';
import {
  deriveAddress,
  deriveAddressAndBump,
  isBefore,
  MEMO_PROGRAM,
  METEORA_DLMM_EVENT_AUTHORITY,
  METEORA_DLMM_PROGRAM,
  TOKEN_PROGRAM,
  toKey,
} from './addresses.ts';
import type { SwapInstruction } from './swap-instruction.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

/** Layouts: the interface description inside `@meteora-ag/dlmm` (ISC), accounts `LbPair`, `BinArray` and `Oracle`. */
const POOL_BYTES = 904;
const POOL_DISCRIMINATOR = Uint8Array.of(0x21, 0x0b, 0x31, 0x62, 0xb5, 0x65, 0xb1, 0x0d);
const BIN_ARRAY_BYTES = 10_136;
const BIN_ARRAY_DISCRIMINATOR = Uint8Array.of(0x5c, 0x8e, 0x5c, 0xdc, 0x05, 0x94, 0x46, 0xb5);
const ORACLE_BYTES = 32;
const ORACLE_DISCRIMINATOR = Uint8Array.of(0x8b, 0xc2, 0x83, 0xb3, 0x8c, 0xb3, 0xe5, 0xf4);
const SWAP2 = Uint8Array.of(0x41, 0x4b, 0x3f, 0x4c, 0xeb, 0x5b, 0x5b, 0x88);
const SWAP_EXACT_OUT2 = Uint8Array.of(0x2b, 0xd7, 0xf7, 0x84, 0x89, 0x3c, 0xf3, 0x51);
const SWAP_BYTES = 28;
export const BINS_PER_ARRAY = 70;
const BIN_BYTES = 144;
const BITMAP_HALF = 512;
const U128_MAX = 2n ** 128n - 1n;

export interface DlmmAddresses {
  readonly pool: string;
  readonly mintX: string;
  readonly mintY: string;
  readonly vaultX: string;
  readonly vaultY: string;
  readonly oracle: string;
  readonly tokenProgramX: string;
  readonly tokenProgramY: string;
  /** By their index, which covers 70 bins each. */
  readonly binArrays: Readonly<Record<number, string>>;
}

export interface DlmmBinState {
  readonly id: number;
  /** Base units. */
  readonly x: bigint;
  readonly y: bigint;
}

export interface DlmmPoolState {
  readonly activeId: number;
  /** Basis points between the prices of two bins. */
  readonly binStep: number;
  readonly baseFactor: number;
  readonly baseFeePowerFactor?: number;
  readonly variableFeeControl?: number;
  /** Seconds. */
  readonly filterPeriod?: number;
  /** Seconds. */
  readonly decayPeriod?: number;
  readonly reductionFactor?: number;
  readonly maxVolatilityAccumulator?: number;
  /** Basis points of the fee. */
  readonly protocolShare?: number;
  /** 0 on the input, 1 in Y. */
  readonly collectFeeMode?: number;
  readonly volatility?: {
    readonly accumulator: number;
    readonly reference: number;
    readonly indexReference: number;
    readonly lastUpdate: bigint;
  };
  /** 0 enabled, 1 disabled. */
  readonly status?: number;
  readonly bins: readonly DlmmBinState[];
}

export const dlmmArrayIndex = (binId: number): number => Math.floor(binId / BINS_PER_ARRAY);

/** All addresses of a pool, derived from the mints and its parameters as on mainnet. */
export async function deriveDlmmAddresses(pool: {
  mintX: string;
  mintY: string;
  binStep: number;
  baseFactor: number;
  arrayIndexes: readonly number[];
}): Promise<DlmmAddresses> {
  const { mintX, mintY } = pool;
  const { address } = await derivePool(pool);
  const [vaultX, vaultY, oracle] = await Promise.all([
    deriveAddress(METEORA_DLMM_PROGRAM, [toKey(address), toKey(mintX)]),
    deriveAddress(METEORA_DLMM_PROGRAM, [toKey(address), toKey(mintY)]),
    deriveAddress(METEORA_DLMM_PROGRAM, ['oracle', toKey(address)]),
  ]);
  const binArrays = await Promise.all(
    pool.arrayIndexes.map(async (index) => [index, await deriveBinArray(address, index)] as const),
  );
  return {
    pool: address,
    mintX,
    mintY,
    vaultX,
    vaultY,
    oracle,
    tokenProgramX: TOKEN_PROGRAM,
    tokenProgramY: TOKEN_PROGRAM,
    binArrays: Object.fromEntries(binArrays),
  };
}

function derivePool(pool: { mintX: string; mintY: string; binStep: number; baseFactor: number }) {
  const [first, second] = isBefore(pool.mintX, pool.mintY)
    ? [pool.mintX, pool.mintY]
    : [pool.mintY, pool.mintX];
  const parameters = createAccountBytes(4).u16(0, pool.binStep).u16(2, pool.baseFactor).bytes;
  const seeds = [toKey(first), toKey(second), parameters.subarray(0, 2), parameters.subarray(2)];
  return deriveAddressAndBump(METEORA_DLMM_PROGRAM, seeds);
}

function deriveBinArray(pool: string, index: number): Promise<string> {
  const seed = new Uint8Array(8);
  new DataView(seed.buffer).setBigInt64(0, BigInt(index), true);
  return deriveAddress(METEORA_DLMM_PROGRAM, ['bin_array', toKey(pool), seed]);
}

/** The pool, its bin arrays and its oracle. Every bin's liquidity is one position's. */
export async function createDlmmPool(
  addresses: DlmmAddresses,
  state: DlmmPoolState,
): Promise<GenesisAccount[]> {
  const { bump } = await derivePool({ ...addresses, ...state });
  const own = (address: string, data: Uint8Array): GenesisAccount => ({
    address,
    lamports: rentExemptLamports(data.length),
    owner: METEORA_DLMM_PROGRAM,
    executable: false,
    data,
  });
  return [
    own(addresses.pool, poolBytes(addresses, state, bump)),
    own(addresses.oracle, createAccountBytes(ORACLE_BYTES).raw(0, ORACLE_DISCRIMINATOR).bytes),
    ...Object.entries(addresses.binArrays).map(([index, address]) =>
      own(address, binArrayBytes(addresses.pool, Number(index), state)),
    ),
  ];
}

function poolBytes(addresses: DlmmAddresses, state: DlmmPoolState, bump: number): Uint8Array {
  const { volatility } = state;
  const data = createAccountBytes(POOL_BYTES)
    .raw(0, POOL_DISCRIMINATOR)
    .u16(8, state.baseFactor)
    .u16(10, state.filterPeriod ?? 0)
    .u16(12, state.decayPeriod ?? 0)
    .u16(14, state.reductionFactor ?? 0)
    .u32(16, state.variableFeeControl ?? 0)
    .u32(20, state.maxVolatilityAccumulator ?? 0)
    .u16(32, state.protocolShare ?? 0)
    .u8(34, state.baseFeePowerFactor ?? 0)
    .u8(36, state.collectFeeMode ?? 0)
    .u32(40, volatility?.accumulator ?? 0)
    .u32(44, volatility?.reference ?? 0)
    .u32(48, (volatility?.indexReference ?? state.activeId) >>> 0)
    .u64(56, volatility?.lastUpdate ?? 0n)
    .u8(72, bump)
    .u16(73, state.binStep)
    .u32(76, state.activeId >>> 0)
    .u16(80, state.binStep)
    .u8(82, state.status ?? 0)
    .u16(84, state.baseFactor)
    .address(88, addresses.mintX)
    .address(120, addresses.mintY)
    .address(152, addresses.vaultX)
    .address(184, addresses.vaultY)
    .address(552, addresses.oracle);
  const { bytes } = data;
  for (const index of new Set(state.bins.map(({ id }) => dlmmArrayIndex(id)))) {
    const bit = index + BITMAP_HALF;
    bytes[584 + (bit >> 3)]! |= 1 << (bit & 7);
  }
  return bytes;
}

function binArrayBytes(pool: string, index: number, state: DlmmPoolState): Uint8Array {
  const data = createAccountBytes(BIN_ARRAY_BYTES)
    .raw(0, BIN_ARRAY_DISCRIMINATOR)
    .u8(16, 1)
    .address(24, pool);
  new DataView(data.bytes.buffer).setBigInt64(8, BigInt(index), true);
  for (const { id, x, y } of state.bins) {
    if (dlmmArrayIndex(id) !== index) continue;
    const at = 56 + (id - index * BINS_PER_ARRAY) * BIN_BYTES;
    const price = dlmmBinPrice(state.binStep, id);
    // As the program counts a bin's liquidity: what it is worth in Y, in Q64.64.
    const worth = price * x + (y << 64n);
    data
      .u64(at, x)
      .u64(at + 8, y)
      .u128(at + 16, price)
      .u128(at + 32, worth < U128_MAX ? worth : U128_MAX);
  }
  return data.bytes;
}

export function createDlmmVaults(
  addresses: DlmmAddresses,
  amounts: { amountX: bigint; amountY: bigint },
): GenesisAccount[] {
  const { pool: owner, vaultX, vaultY, mintX, mintY, tokenProgramX, tokenProgramY } = addresses;
  return [
    createTokenAccount({
      address: vaultX,
      mint: mintX,
      owner,
      amount: amounts.amountX,
      program: tokenProgramX,
    }),
    createTokenAccount({
      address: vaultY,
      mint: mintY,
      owner,
      amount: amounts.amountY,
      program: tokenProgramY,
    }),
  ];
}

/** The bin that trades now and its step, or null where its array cannot be read. */
export function readDlmmActiveBin(
  pool: Uint8Array,
  addresses: Pick<DlmmAddresses, 'binArrays'>,
  account: (address: string) => Uint8Array | null,
): { binStep: number; price: bigint; x: bigint; y: bigint } | null {
  const view = new DataView(pool.buffer, pool.byteOffset, pool.byteLength);
  const [activeId, binStep] = [view.getInt32(76, true), view.getUint16(80, true)];
  const index = dlmmArrayIndex(activeId);
  const address = addresses.binArrays[index];
  const array = address === undefined ? null : account(address);
  if (array === null) return null;
  const at = 56 + (activeId - index * BINS_PER_ARRAY) * BIN_BYTES;
  return {
    binStep,
    price: dlmmBinPrice(binStep, activeId),
    x: readU64(array, at),
    y: readU64(array, at + 8),
  };
}

/** `swap2`: exactly `first` in for at least `second`. `swap_exact_out2`: at most `first` in for exactly `second`. */
export function createDlmmSwap(swap: {
  addresses: DlmmAddresses;
  payer: string;
  userIn: string;
  userOut: string;
  first: bigint;
  second: bigint;
  isXToY: boolean;
  isExactOut?: boolean;
  /** Those that the swap may trade in, in the order in which its price passes them; all of the pool where left out. */
  binArrays?: readonly string[];
}): SwapInstruction {
  const { addresses } = swap;
  const readonly = (address: string) => ({ address, isSigner: false, isWritable: false });
  const writable = (address: string) => ({ address, isSigner: false, isWritable: true });
  return {
    program: METEORA_DLMM_PROGRAM,
    data: createAccountBytes(SWAP_BYTES)
      .raw(0, swap.isExactOut ? SWAP_EXACT_OUT2 : SWAP2)
      .u64(8, swap.first)
      .u64(16, swap.second).bytes,
    accounts: [
      writable(addresses.pool),
      readonly(METEORA_DLMM_PROGRAM), // No bitmap extension.
      writable(addresses.vaultX),
      writable(addresses.vaultY),
      writable(swap.userIn),
      writable(swap.userOut),
      readonly(addresses.mintX),
      readonly(addresses.mintY),
      writable(addresses.oracle),
      readonly(METEORA_DLMM_PROGRAM), // No host fee.
      { address: swap.payer, isSigner: true, isWritable: false },
      readonly(addresses.tokenProgramX),
      readonly(addresses.tokenProgramY),
      readonly(MEMO_PROGRAM),
      readonly(METEORA_DLMM_EVENT_AUTHORITY),
      readonly(METEORA_DLMM_PROGRAM),
      ...(swap.binArrays ?? passedArrays(addresses, swap.isXToY)).map(writable),
    ],
  };
}

/** The program takes bin arrays in the order in which the price passes them: it falls where X goes in. */
function passedArrays({ binArrays }: DlmmAddresses, isXToY: boolean): string[] {
  const indexes = Object.keys(binArrays).map(Number);
  return indexes.sort((a, b) => (isXToY ? b - a : a - b)).map((index) => binArrays[index]!);
}
