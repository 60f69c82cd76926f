import { dlmmBinPrice, METEORA_DLMM_PROGRAM } from '@oee/amm';
import {
  deriveAddress,
  deriveAddressAndBump,
  MEMO_PROGRAM,
  requireAddressBytes,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes, readU64 } from './account-bytes.ts';
import { isBefore, METEORA_DLMM_EVENT_AUTHORITY } from './addresses.ts';
import {
  BIN_BYTES,
  BINS_PER_ARRAY,
  type DlmmAddresses,
  type DlmmPoolState,
  dlmmArrayIndex,
  dlmmBinArrayBytes,
  dlmmBitmapExtensionBytes,
  dlmmOracleBytes,
  dlmmPoolBytes,
} from './dlmm-state.ts';
import type { SwapInstruction } from './swap-instruction.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

const DISCRIMINATORS = {
  exactIn: { first: hex('f8c69e91e17587c8'), second: hex('414b3f4ceb5b5b88') },
  exactOut: { first: hex('fa49652126cf4bb8'), second: hex('2bd7f784893cf351') },
  priceImpact: { first: hex('38ade6d0ade49ccd'), second: hex('4a62c0d6b1334b33') },
};

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** All addresses of a pool, derived from the mints and its parameters as on mainnet. */
export async function deriveDlmmAddresses(
  pool: PoolSeeds & { readonly arrayIndexes: readonly number[] },
): Promise<DlmmAddresses> {
  const { mintX, mintY } = pool;
  const { address } = await derivePool(pool);
  const [vaultX, vaultY, oracle] = await Promise.all([
    deriveAddress(METEORA_DLMM_PROGRAM, [requireAddressBytes(address), requireAddressBytes(mintX)]),
    deriveAddress(METEORA_DLMM_PROGRAM, [requireAddressBytes(address), requireAddressBytes(mintY)]),
    deriveAddress(METEORA_DLMM_PROGRAM, ['oracle', requireAddressBytes(address)]),
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

/** The seeds of the address depend on the type; a permissionless pool has no `baseKey`. */
interface PoolSeeds {
  readonly mintX: string;
  readonly mintY: string;
  readonly binStep: number;
  readonly baseFactor: number;
  /** As in `DlmmPoolState`. */
  readonly pairType?: number;
  readonly baseKey?: string;
}

function derivePool({
  mintX,
  mintY,
  binStep,
  baseFactor,
  pairType = 0,
  baseKey = SYSTEM_PROGRAM,
}: PoolSeeds) {
  const mints = (isBefore(mintX, mintY) ? [mintX, mintY] : [mintY, mintX]).map(requireAddressBytes);
  const [step, factor] = [binStep, baseFactor].map((value) => createAccountBytes(2).u16(0, value).bytes);
  const seeds = [
    ...(pairType === 0 ? [] : [requireAddressBytes(baseKey)]),
    ...mints,
    ...(pairType <= 1 ? [step!] : []),
    ...(pairType === 0 ? [factor!] : []),
  ];
  return deriveAddressAndBump(METEORA_DLMM_PROGRAM, seeds);
}

/** Of the account whose bitmap covers the bin arrays that the pool's own does not. */
export function deriveDlmmBitmapExtension(pool: string): Promise<string> {
  return deriveAddress(METEORA_DLMM_PROGRAM, ['bitmap', requireAddressBytes(pool)]);
}

function deriveBinArray(pool: string, index: number): Promise<string> {
  const seed = new Uint8Array(8);
  new DataView(seed.buffer).setBigInt64(0, BigInt(index), true);
  return deriveAddress(METEORA_DLMM_PROGRAM, ['bin_array', requireAddressBytes(pool), seed]);
}

const own = (address: string, data: Uint8Array): GenesisAccount => ({
  address,
  lamports: rentExemptLamports(data.length),
  owner: METEORA_DLMM_PROGRAM,
  executable: false,
  data,
});

export function createDlmmBitmapExtension(
  address: string,
  pool: string,
  arrayIndexes: readonly number[],
): GenesisAccount {
  return own(address, dlmmBitmapExtensionBytes(pool, arrayIndexes));
}

/** The pool, its bin arrays and its oracle. Every bin's liquidity is one position's. */
export async function createDlmmPool(
  addresses: DlmmAddresses,
  state: DlmmPoolState,
): Promise<GenesisAccount[]> {
  const { bump } = await derivePool({ ...addresses, ...state });
  return [
    own(addresses.pool, dlmmPoolBytes(addresses, state, bump)),
    own(addresses.oracle, dlmmOracleBytes(state)),
    ...Object.entries(addresses.binArrays).map(([index, address]) =>
      own(address, dlmmBinArrayBytes(addresses.pool, Number(index), state)),
    ),
  ];
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

/**
 * `swap2`: exactly `first` in for at least `second`. `swap_exact_out2`: at most `first` in for exactly `second`.
 * `swap_with_price_impact2`: exactly `first` in, at a bound on the price.
 */
export function createDlmmSwap(swap: DlmmSwap): SwapInstruction {
  const { addresses } = swap;
  const readonly = (address: string) => ({ address, isSigner: false, isWritable: false });
  const writable = (address: string) => ({ address, isSigner: false, isWritable: true });
  /** The program's address stands in place of an absent optional account. */
  const optional = (address: string | undefined) =>
    address === undefined ? readonly(METEORA_DLMM_PROGRAM) : writable(address);
  return {
    program: METEORA_DLMM_PROGRAM,
    data: swapData(swap),
    accounts: [
      writable(addresses.pool),
      optional(swap.bitmapExtension),
      writable(addresses.vaultX),
      writable(addresses.vaultY),
      writable(swap.userIn),
      writable(swap.userOut),
      readonly(addresses.mintX),
      readonly(addresses.mintY),
      writable(addresses.oracle),
      optional(swap.host),
      { address: swap.payer, isSigner: true, isWritable: false },
      readonly(addresses.tokenProgramX),
      readonly(addresses.tokenProgramY),
      ...(swap.isFirstVersion ? [] : [readonly(MEMO_PROGRAM)]),
      readonly(METEORA_DLMM_EVENT_AUTHORITY),
      readonly(METEORA_DLMM_PROGRAM),
      ...(swap.binArrays ?? passedArrays(addresses, swap.isXToY)).map(writable),
    ],
  };
}

export interface DlmmSwap {
  readonly addresses: DlmmAddresses;
  readonly payer: string;
  readonly userIn: string;
  readonly userOut: string;
  readonly first: bigint;
  readonly second: bigint;
  readonly isXToY: boolean;
  readonly isExactOut?: boolean;
  /** Takes the place of `second`: the price may be so much worse than that of the bin `activeId`, of the active bin for null. */
  readonly priceImpact?: { readonly bps: number; readonly activeId: number | null };
  /** The instruction without the 2 in its name, for mints of SPL Token only. */
  readonly isFirstVersion?: boolean;
  /**
   * The bin arrays that the swap may trade in, in the order in which its price passes them; absent: all of the pool.
   */
  readonly binArrays?: readonly string[];
  readonly bitmapExtension?: string;
  /** Receiver of a part of the protocol's fee: a token account of the fee's mint. */
  readonly host?: string;
}

function swapData(swap: DlmmSwap): Uint8Array {
  const version = swap.isFirstVersion ? 'first' : 'second';
  const slices = new Uint8Array(swap.isFirstVersion ? 0 : 4); // No accounts for transfer hooks.
  const { priceImpact } = swap;
  if (!priceImpact) {
    const head = createAccountBytes(24)
      .raw(0, DISCRIMINATORS[swap.isExactOut ? 'exactOut' : 'exactIn'][version])
      .u64(8, swap.first)
      .u64(16, swap.second).bytes;
    return Buffer.concat([head, slices]);
  }
  const { activeId, bps } = priceImpact;
  const head = createAccountBytes(17)
    .raw(0, DISCRIMINATORS.priceImpact[version])
    .u64(8, swap.first)
    .u8(16, activeId === null ? 0 : 1).bytes;
  const id = activeId === null ? new Uint8Array() : createAccountBytes(4).u32(0, activeId >>> 0).bytes;
  return Buffer.concat([head, id, createAccountBytes(2).u16(0, bps).bytes, slices]);
}

/** The program takes bin arrays in the order in which the price passes them: it falls where X goes in. */
function passedArrays({ binArrays }: DlmmAddresses, isXToY: boolean): string[] {
  const indexes = Object.keys(binArrays).map(Number);
  return indexes.sort((a, b) => (isXToY ? b - a : a - b)).map((index) => binArrays[index]!);
}
