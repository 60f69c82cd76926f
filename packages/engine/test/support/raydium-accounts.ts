import { decodeBase58, RAYDIUM_AMM_V4_PROGRAM, RAYDIUM_CLMM_PROGRAM, type RaydiumAmmV4Pool } from '@oee/amm';

/**
 * Accounts of pools, laid out as the programs lay them out:
 * raydium-io/raydium-amm, program/src/state.rs, and raydium-io/raydium-clmm, programs/amm/src/states.
 */

const TICKS_PER_ARRAY = 60;
const TICK_LENGTH = 168;

export interface ClmmTickFields {
  readonly tick: number;
  readonly net: bigint;
  readonly gross: bigint;
  /** Limit orders that are not touched yet, and what is left of those that are. */
  readonly orders?: bigint;
  readonly partLeft?: bigint;
}

export interface ClmmPoolFields {
  /** What takes the pool's address off the curve, with which the program signs for it. */
  readonly bump?: number;
  readonly tickSpacing: number;
  readonly tick: number;
  /** Start ticks of the initialized arrays that the pool's own bitmap shows. */
  readonly arrays: readonly number[];
  readonly liquidity?: bigint;
  readonly sqrtPrice?: bigint;
  /** 0: the input's token, 1: token 0, 2: token 1. */
  readonly feeOn?: number;
  readonly addresses?: Partial<
    Record<'ammConfig' | 'mint0' | 'mint1' | 'vault0' | 'vault1' | 'observation', string>
  >;
}

export function clmmPoolData(fields: ClmmPoolFields): Buffer {
  const { tickSpacing, addresses = {} } = fields;
  const data = Buffer.alloc(1_544);
  data.write('f7ede3f5d7c3de46', 'hex');
  const at = { ammConfig: 9, mint0: 73, mint1: 105, vault0: 137, vault1: 169, observation: 201 };
  for (const [name, offset] of Object.entries(at)) {
    const address = addresses[name as keyof typeof at];
    if (address) data.set(decodeBase58(address), offset);
  }
  data[8] = fields.bump ?? 0;
  data.writeUInt16LE(tickSpacing, 235);
  writeU128(data, fields.liquidity ?? 0n, 237);
  writeU128(data, fields.sqrtPrice ?? 0n, 253);
  data.writeInt32LE(fields.tick, 269);
  data[390] = fields.feeOn ?? 0;
  for (const start of fields.arrays) setBit(data, 904, start / (TICKS_PER_ARRAY * tickSpacing) + 512);
  return data;
}

/** @param tradeFeeRate Per 1,000,000. */
export function clmmConfigData(tradeFeeRate: number): Buffer {
  const data = Buffer.alloc(117);
  data.write('daf42168cbcb2b6f', 'hex');
  data.writeUInt32LE(tradeFeeRate, 47);
  return data;
}

export function clmmObservationData(pool: string): Buffer {
  const data = Buffer.alloc(4_483);
  data.write('7aaec5358109a584', 'hex');
  data.set(decodeBase58(pool), 19);
  return data;
}

export function clmmTickArrayData(array: {
  readonly pool?: string;
  readonly spacing: number;
  readonly startTick: number;
  readonly ticks: readonly ClmmTickFields[];
}): Buffer {
  const data = Buffer.alloc(10_240);
  data.write('c09b55cd31f9812a', 'hex');
  if (array.pool) data.set(decodeBase58(array.pool), 8);
  data.writeInt32LE(array.startTick, 40);
  data[10_124] = array.ticks.length;
  for (const { tick, net, gross, orders = 0n, partLeft = 0n } of array.ticks) {
    const offset = 44 + ((tick - array.startTick) / array.spacing) * TICK_LENGTH;
    data.writeInt32LE(tick, offset);
    writeU128(data, BigInt.asUintN(128, net), offset + 4);
    writeU128(data, gross, offset + 20);
    data.writeBigUInt64LE(orders, offset + 124);
    data.writeBigUInt64LE(partLeft, offset + 132);
  }
  return data;
}

/** The bitmaps beyond the pool's own: fourteen of 512 arrays on each side. */
export function clmmExtensionData(tickSpacing: number, starts: readonly number[]): Buffer {
  const data = Buffer.alloc(1_832);
  data.write('3c9624db61808b99', 'hex');
  for (const start of starts) {
    const index = start / (TICKS_PER_ARRAY * tickSpacing);
    const bitmap = Math.floor(index / 512);
    const offset = index >= 0 ? 40 + (bitmap - 1) * 64 : 40 + (14 - bitmap - 2) * 64;
    setBit(data, offset, index - bitmap * 512);
  }
  return data;
}

export function ammV4PoolData(fields: {
  readonly status?: bigint;
  readonly pool: Pick<RaydiumAmmV4Pool, 'swapFeeNumerator' | 'swapFeeDenominator'>;
  readonly needTakePnl: readonly [bigint, bigint];
  readonly mints: readonly [string, string];
  readonly vaults: readonly [string, string];
}): Buffer {
  const data = Buffer.alloc(752);
  const [pnl0, pnl1] = fields.needTakePnl;
  const { swapFeeNumerator, swapFeeDenominator } = fields.pool;
  const numbers = {
    0: fields.status ?? 6n,
    8: 254n,
    32: 9n,
    40: 6n,
    176: swapFeeNumerator,
    184: swapFeeDenominator,
    192: pnl0,
    200: pnl1,
  };
  for (const [offset, value] of Object.entries(numbers)) data.writeBigUInt64LE(value, Number(offset));
  for (const [index, address] of [...fields.vaults, ...fields.mints].entries())
    data.set(decodeBase58(address), 336 + 32 * index);
  return data;
}

/** Layout: solana-program/token, state.rs. */
export function tokenAccountData(account: { mint: string; owner: string; amount: bigint }): Buffer {
  const data = Buffer.alloc(165);
  data.set(decodeBase58(account.mint), 0);
  data.set(decodeBase58(account.owner), 32);
  data.writeBigUInt64LE(account.amount, 64);
  data[108] = 1;
  return data;
}

export function mintData(decimals: number): Buffer {
  const data = Buffer.alloc(82);
  data[44] = decimals;
  data[45] = 1;
  return data;
}

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const OWNERS = { token: TOKEN_PROGRAM, ammV4: RAYDIUM_AMM_V4_PROGRAM, clmm: RAYDIUM_CLMM_PROGRAM } as const;

/** An account as `solana account --output json` writes it. */
export const dumpOf = (address: string, owner: keyof typeof OWNERS, data: Buffer): string =>
  JSON.stringify({
    pubkey: address,
    account: {
      lamports: 100_000_000,
      data: [data.toString('base64'), 'base64'],
      owner: OWNERS[owner],
      executable: false,
    },
  });

function setBit(data: Buffer, at: number, bit: number): void {
  data[at + (bit >> 3)]! |= 1 << (bit & 7);
}

function writeU128(data: Buffer, value: bigint, at: number): void {
  data.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  data.writeBigUInt64LE(value >> 64n, at + 8);
}
