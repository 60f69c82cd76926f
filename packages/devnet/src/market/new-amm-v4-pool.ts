import { deriveAddress, requireAddressBytes } from '@oee/solana';
import { integerSquareRoot } from '../pools/integer-math.ts';
import {
  AMM_V4_FEE_BPS,
  createAmmV4Pool,
  createAmmV4Vaults,
  deriveAmmV4Addresses,
} from '../pools/raydium-amm-v4.ts';
import { createMint } from '../pools/token-accounts.ts';
import type { NewPool, PoolSide } from './new-pool.ts';

/** OpenBook's program on mainnet, which owns the markets of pools. It is not on this chain. */
const MARKET_PROGRAM = 'srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX';

/** A pool without an order book. Its market is only an address, from which the pool's addresses are derived. */
export async function newAmmV4Pool({ base, quote }: { base: PoolSide; quote: PoolSide }): Promise<NewPool> {
  const mints = { coinMint: base.mint, pcMint: quote.mint };
  const market = await deriveAddress(MARKET_PROGRAM, [
    'market',
    requireAddressBytes(base.mint),
    requireAddressBytes(quote.mint),
  ]);
  const parts = await deriveAmmV4Addresses({ ...mints, market, marketProgram: MARKET_PROGRAM });
  const lpSupply = integerSquareRoot(base.amount * quote.amount);
  const state = { coinDecimals: base.decimals, pcDecimals: quote.decimals, lpSupply };
  return {
    pool: {
      kind: 'raydium-amm-v4',
      address: parts.pool,
      mint0: base.mint,
      mint1: quote.mint,
      feeBps: AMM_V4_FEE_BPS,
      parts,
    },
    accounts: [
      createAmmV4Pool(parts, state),
      createMint({ address: parts.lpMint, decimals: base.decimals, supply: lpSupply }),
      ...createAmmV4Vaults(parts, { coin: base.amount, pc: quote.amount }),
    ],
  };
}
