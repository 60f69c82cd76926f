import { type DlmmBin, dlmmBinPrice, type MeteoraDlmmPool } from '../pools/meteora-dlmm.ts';
import { ByteReader, InvalidAccount } from './byte-reader.ts';

/** Layouts: the interface description inside the ISC-licensed npm package @meteora-ag/dlmm 1.9.14. */

export const METEORA_DLMM_PROGRAM = 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo';

export interface MeteoraDlmmPoolAccount {
  readonly mints: readonly [string, string];
  readonly vaults: readonly [string, string];
  readonly oracle: string;
  /** 0 for SPL Token, 1 for Token-2022. */
  readonly tokenFlags: readonly [number, number];
  /** Everything except the bins, which have separate accounts. */
  readonly pool: Omit<MeteoraDlmmPool, 'bins'>;
  /** Indexes of the initialized bin arrays near the middle; the bitmap extension holds the far ones. */
  readonly binArrayIndexes: readonly number[];
}

export interface MeteoraDlmmBinArray {
  readonly pool: string;
  readonly index: number;
  /** Bins with liquidity or orders, ascending. Price zero: not stored yet. */
  readonly bins: readonly DlmmBin[];
}

const ACCOUNT = 'Meteora DLMM pool';
/** Bins in one bin array account. */
export const DLMM_BINS_PER_ARRAY = 70;
const BIN_LENGTH = 144;
const BITMAP_BITS = 1024;
/** The extension holds twelve bitmaps above the pool's own, then as many below it. */
const EXTENSION_BITMAPS = 12;
const EXTENSION_BITMAP_BITS = 512;
const NO_ADDRESS = '11111111111111111111111111111111';
const COLLECT_FEE_MODES = ['input', 'token-y'] as const;
/** Pair types that open at an activation point: permissioned and customizable permissionless. */
const ACTIVATED_PAIR_TYPES = [1, 2];

/** @throws {InvalidAccount} The data is not an LbPair account. */
export function decodeMeteoraDlmmPool(data: Uint8Array): MeteoraDlmmPoolAccount {
  const reader = new ByteReader(data, {
    account: ACCOUNT,
    minLength: 904,
    discriminator: '210b3162b565b10d',
  });
  return {
    mints: [reader.address(88), reader.address(120)],
    vaults: [reader.address(152), reader.address(184)],
    oracle: reader.address(552),
    tokenFlags: [reader.u8(880), reader.u8(881)],
    pool: poolOf(reader),
    binArrayIndexes: binArrayIndexesOf(reader),
  };
}

/** @throws {InvalidAccount} The data is not a BinArray account. */
export function decodeMeteoraDlmmBinArray(data: Uint8Array): MeteoraDlmmBinArray {
  const account = 'Meteora DLMM bin array';
  const reader = new ByteReader(data, { account, minLength: 10_136, discriminator: '5c8e5cdc059446b5' });
  const index = Number(reader.i64(8));
  const bins: DlmmBin[] = [];
  for (let offset = 0; offset < DLMM_BINS_PER_ARRAY; offset += 1) {
    const at = 56 + offset * BIN_LENGTH;
    const amounts = [reader.u64(at), reader.u64(at + 8)] as const;
    const [open, processed] = [reader.u64(at + 112), reader.u64(at + 128)];
    if (amounts[0] + amounts[1] + open + processed === 0n) continue;
    const side = reader.u8(at + 140) === 0 ? 'bid' : 'ask';
    const orders = { side, open, processed } as const;
    bins.push({ id: index * DLMM_BINS_PER_ARRAY + offset, amounts, price: reader.u128(at + 16), orders });
  }
  return { pool: reader.address(24), index, bins };
}

/**
 * Indexes of the initialized bin arrays beyond those that the pool's own bitmap covers, ascending.
 *
 * @throws {InvalidAccount} The data is not a BinArrayBitmapExtension account.
 */
export function decodeMeteoraDlmmBitmapExtension(data: Uint8Array): number[] {
  const account = 'Meteora DLMM bitmap extension';
  const reader = new ByteReader(data, { account, minLength: 1576, discriminator: '506f7c7137ed1205' });
  const indexes: number[] = [];
  for (let bitmap = 0; bitmap < EXTENSION_BITMAPS; bitmap += 1) {
    const first = (bitmap + 1) * EXTENSION_BITMAP_BITS;
    for (const bit of setBits(reader, 40 + bitmap * 64, EXTENSION_BITMAP_BITS)) indexes.push(first + bit);
    for (const bit of setBits(reader, 40 + (EXTENSION_BITMAPS + bitmap) * 64, EXTENSION_BITMAP_BITS))
      indexes.push(-first - bit - 1);
  }
  return indexes.sort((a, b) => a - b);
}

/** The pool to quote. Quotes reach as far as the given bin arrays, so pass those that the transaction will name. */
export function toMeteoraDlmmPool(parts: {
  pool: MeteoraDlmmPoolAccount;
  binArrays: readonly MeteoraDlmmBinArray[];
}): MeteoraDlmmPool {
  const { pool } = parts.pool;
  const binStep = Number(pool.binStep);
  const bins = parts.binArrays
    .flatMap((array) => array.bins)
    .map((bin) => (bin.price === 0n ? { ...bin, price: dlmmBinPrice(binStep, bin.id) } : bin))
    .sort((a, b) => a.id - b.id);
  return { ...pool, bins };
}

function poolOf(reader: ByteReader): Omit<MeteoraDlmmPool, 'bins'> {
  const collectFeeMode = COLLECT_FEE_MODES[reader.u8(36)];
  if (!collectFeeMode) throw new InvalidAccount(ACCOUNT, `unknown collect fee mode ${reader.u8(36)}`);
  const opensLater = ACTIVATED_PAIR_TYPES.includes(reader.u8(75));
  return {
    kind: 'meteora-dlmm',
    baseFactor: BigInt(reader.u16(8)),
    filterPeriod: BigInt(reader.u16(10)),
    decayPeriod: BigInt(reader.u16(12)),
    reductionFactor: BigInt(reader.u16(14)),
    variableFeeControl: BigInt(reader.u32(16)),
    maxVolatilityAccumulator: BigInt(reader.u32(20)),
    protocolShare: BigInt(reader.u16(32)),
    baseFeePowerFactor: BigInt(reader.u8(34)),
    collectFeeMode,
    hasLimitOrders: hasLimitOrders(reader),
    volatility: {
      accumulator: BigInt(reader.u32(40)),
      reference: BigInt(reader.u32(44)),
      indexReference: reader.i32(48),
      lastUpdateAt: reader.i64(56),
    },
    activeId: reader.i32(76),
    binStep: BigInt(reader.u16(80)),
    window: {
      isEnabled: reader.u8(82) === 0,
      opensAt: opensLater ? reader.u64(816) : 0n,
      pointKind: reader.u8(86) === 0 ? 'slot' : 'timestamp',
    },
  };
}

/**
 * Whether the pool has limit orders: function type 2 is for them; the undetermined type 0 has them while no reward uses
 * the same fields.
 */
function hasLimitOrders(reader: ByteReader): boolean {
  const functionType = reader.u8(35);
  const hasNoRewards = reader.address(264) === NO_ADDRESS && reader.address(408) === NO_ADDRESS;
  return functionType === 2 || (functionType === 0 && hasNoRewards);
}

const binArrayIndexesOf = (reader: ByteReader): number[] =>
  setBits(reader, 584, BITMAP_BITS).map((bit) => bit - BITMAP_BITS / 2);

function setBits(reader: ByteReader, offset: number, count: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < count; bit += 1)
    if ((reader.u8(offset + (bit >> 3)) >> (bit & 7)) & 1) bits.push(bit);
  return bits;
}
