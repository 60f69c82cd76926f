import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import { deriveAddress, requireAddressBytes, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes, readU64 } from './account-bytes.ts';
import type { InstructionAccount, SwapInstruction } from './swap-instruction.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

/** Layout: raydium-io/raydium-amm (Apache-2.0), program/src/state.rs, AmmInfo. */
const POOL_BYTES = 752;
const NEED_TAKE_PNL_COIN = 192;
const NEED_TAKE_PNL_PC = 200;
const TAGS = { baseIn: 9, baseOut: 11, baseInV2: 16, baseOutV2: 17 } as const;

/** PDA of `amm authority`: owns the vaults of every pool. The bump is the nonce in the pool's account. */
export const RAYDIUM_AMM_V4_AUTHORITY = {
  address: '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1',
  bump: 254,
};

export const AMM_V4_SWAP_ONLY = 6;
/** The first swap at `openTime` or later makes it `AMM_V4_SWAP_ONLY`. */
export const AMM_V4_WAITING_TRADE = 7;
/** The fee of every pool on mainnet. */
export const AMM_V4_FEE_BPS = 25;

export interface AmmV4Addresses {
  readonly pool: string;
  readonly coinVault: string;
  readonly pcVault: string;
  readonly coinMint: string;
  readonly pcMint: string;
  readonly lpMint: string;
  readonly market: string;
  readonly marketProgram: string;
  readonly openOrders: string;
  readonly targetOrders: string;
}

export interface AmmV4PoolState {
  readonly coinDecimals: number;
  readonly pcDecimals: number;
  readonly status?: number;
  readonly swapFeeNumerator?: bigint;
  readonly swapFeeDenominator?: bigint;
  /** Base units in the vaults that are not the pool's. */
  readonly needTakePnl?: readonly [coin: bigint, pc: bigint];
  /** Seconds since 1970. */
  readonly openTime?: bigint;
  /** When a pool that only places orders begins to trade, seconds since 1970. */
  readonly orderBookEndTime?: bigint;
  readonly lpSupply?: bigint;
  /** Total input and output of all swaps so far. */
  readonly totals?: {
    coinIn: bigint;
    pcOut: bigint;
    pcFees: bigint;
    pcIn: bigint;
    coinOut: bigint;
    coinFees: bigint;
  };
}

/** All addresses of a pool, which follow from those of its market, as `Initialize2` makes them. */
export async function deriveAmmV4Addresses(pool: {
  coinMint: string;
  pcMint: string;
  market: string;
  marketProgram: string;
}): Promise<AmmV4Addresses> {
  const of = (seed: string) =>
    deriveAddress(RAYDIUM_AMM_V4_PROGRAM, [
      requireAddressBytes(RAYDIUM_AMM_V4_PROGRAM),
      requireAddressBytes(pool.market),
      seed,
    ]);
  const [address, coinVault, pcVault, lpMint, openOrders, targetOrders] = await Promise.all([
    of('amm_associated_seed'),
    of('coin_vault_associated_seed'),
    of('pc_vault_associated_seed'),
    of('lp_mint_associated_seed'),
    of('open_order_associated_seed'),
    of('target_associated_seed'),
  ]);
  return { ...pool, pool: address, coinVault, pcVault, lpMint, openOrders, targetOrders };
}

/** Fees of a quarter of a percent, of which the program gives its owner 12 %, as on mainnet. */
export function createAmmV4Pool(addresses: AmmV4Addresses, state: AmmV4PoolState): GenesisAccount {
  const { totals, needTakePnl = [0n, 0n] } = state;
  const data = createAccountBytes(POOL_BYTES)
    .u64(0, BigInt(state.status ?? AMM_V4_SWAP_ONLY))
    .u64(8, BigInt(RAYDIUM_AMM_V4_AUTHORITY.bump))
    .u64(16, 7n)
    .u64(24, 3n)
    .u64(32, BigInt(state.coinDecimals))
    .u64(40, BigInt(state.pcDecimals))
    .u64(48, 1n)
    .u64(56, 1n)
    .u64(120, 10n ** BigInt(Math.max(state.coinDecimals, state.pcDecimals)))
    .u64(128, 5n)
    .u64(136, 10_000n)
    .u64(144, 25n)
    .u64(152, 10_000n)
    .u64(160, 12n)
    .u64(168, 100n)
    .u64(176, state.swapFeeNumerator ?? BigInt(AMM_V4_FEE_BPS))
    .u64(184, state.swapFeeDenominator ?? 10_000n)
    .u64(NEED_TAKE_PNL_COIN, needTakePnl[0])
    .u64(NEED_TAKE_PNL_PC, needTakePnl[1])
    .u64(224, state.openTime ?? 0n)
    .u64(248, state.orderBookEndTime ?? 0n)
    .u128(256, totals?.coinIn ?? 0n)
    .u128(272, totals?.pcOut ?? 0n)
    .u64(288, totals?.pcFees ?? 0n)
    .u128(296, totals?.pcIn ?? 0n)
    .u128(312, totals?.coinOut ?? 0n)
    .u64(328, totals?.coinFees ?? 0n)
    .address(336, addresses.coinVault)
    .address(368, addresses.pcVault)
    .address(400, addresses.coinMint)
    .address(432, addresses.pcMint)
    .address(464, addresses.lpMint)
    .address(496, addresses.openOrders)
    .address(528, addresses.market)
    .address(560, addresses.marketProgram)
    .address(592, addresses.targetOrders)
    .u64(720, state.lpSupply ?? 0n);
  return {
    address: addresses.pool,
    lamports: rentExemptLamports(POOL_BYTES),
    owner: RAYDIUM_AMM_V4_PROGRAM,
    executable: false,
    data: data.bytes,
  };
}

export function createAmmV4Vaults(
  { coinVault, pcVault, coinMint, pcMint }: AmmV4Addresses,
  amounts: { coin: bigint; pc: bigint },
): GenesisAccount[] {
  const owner = RAYDIUM_AMM_V4_AUTHORITY.address;
  return [
    createTokenAccount({ address: coinVault, mint: coinMint, owner, amount: amounts.coin }),
    createTokenAccount({ address: pcVault, mint: pcMint, owner, amount: amounts.pc }),
  ];
}

/** Base units in the vaults that are not the pool's own. */
export function readAmmV4ProfitOwed(pool: Uint8Array): { coin: bigint; pc: bigint } {
  return { coin: readU64(pool, NEED_TAKE_PNL_COIN), pc: readU64(pool, NEED_TAKE_PNL_PC) };
}

/**
 * A swap of exactly `first` for at least `second`, or (base out) of at most `first` for exactly `second`. Its direction
 * is that of the two token accounts.
 */
export function createAmmV4Swap(swap: {
  addresses: AmmV4Addresses;
  isBaseOut?: boolean;
  /** The older form, which names an order book, with or without the pool's target orders. */
  orderBook?: { namesTargetOrders: boolean };
  payer: string;
  userIn: string;
  userOut: string;
  first: bigint;
  second: bigint;
}): SwapInstruction {
  const { addresses, isBaseOut = false, orderBook } = swap;
  const tag = TAGS[`${isBaseOut ? 'baseOut' : 'baseIn'}${orderBook ? '' : 'V2'}`];
  return {
    program: RAYDIUM_AMM_V4_PROGRAM,
    data: createAccountBytes(17).u8(0, tag).u64(1, swap.first).u64(9, swap.second).bytes,
    accounts: [
      readonly(TOKEN_PROGRAM),
      writable(addresses.pool),
      readonly(RAYDIUM_AMM_V4_AUTHORITY.address),
      ...(orderBook ? [writable(addresses.openOrders)] : []),
      ...(orderBook?.namesTargetOrders ? [writable(addresses.targetOrders)] : []),
      writable(addresses.coinVault),
      writable(addresses.pcVault),
      ...(orderBook ? marketAccounts(addresses) : []),
      writable(swap.userIn),
      writable(swap.userOut),
      { address: swap.payer, isSigner: true, isWritable: false },
    ],
  };
}

/** Program, market, bids, asks, events, two vaults and their signer. A pool without orders may name its market for all. */
const marketAccounts = ({ market, marketProgram }: AmmV4Addresses): InstructionAccount[] => [
  readonly(marketProgram),
  ...Array.from({ length: 6 }, () => writable(market)),
  readonly(market),
];

const readonly = (address: string): InstructionAccount => ({ address, isSigner: false, isWritable: false });
const writable = (address: string): InstructionAccount => ({ address, isSigner: false, isWritable: true });
