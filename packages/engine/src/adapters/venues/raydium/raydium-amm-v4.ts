import {
  AMM_V4_INITIALIZED,
  decodeRaydiumAmmV4Pool,
  type Pool,
  RAYDIUM_AMM_V4_PROGRAM,
  type RaydiumAmmV4Pool,
  toRaydiumAmmV4Pool,
} from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import type { PoolAddresses, PoolProgram } from '../pool-program.ts';
import type { TrySwap } from '../try-swap.ts';
import { ammV4Errors } from './amm-v4-errors.ts';
import { ammV4SwapInstruction, RAYDIUM_AMM_V4_AUTHORITY } from './amm-v4-swap.ts';
import { AmmV4Version } from './amm-v4-version.ts';

/** Raydium's oldest pools. The amounts that they once placed in an order book are back in their vaults. */
export function createRaydiumAmmV4(trySwap?: TrySwap): PoolProgram<PoolAddresses> {
  const version = new AmmV4Version(trySwap);
  /** A pool of status 1, which reveals the program's version. */
  let initialized: PoolAddresses | null = null;
  return {
    venue: 'raydium',
    kind: 'raydium-amm-v4',
    programAddress: RAYDIUM_AMM_V4_PROGRAM,
    errors: ammV4Errors,
    sharedAccounts: [RAYDIUM_AMM_V4_AUTHORITY],
    swapComputeUnits: 60_000,
    accountLength: 752,
    addressesOf(pool, data) {
      const { mints, vaults, status } = decodeRaydiumAmmV4Pool(data);
      const addresses = { pool, mints, vaults, tokenPrograms: [TOKEN_PROGRAM, TOKEN_PROGRAM] };
      if (status === AMM_V4_INITIALIZED) initialized = addresses;
      return addresses;
    },
    async learn(find) {
      if (!initialized) return false;
      const [token0, token1] = initialized.mints.map(find);
      return token0 && token1 ? version.learn(initialized, [token0, token1]) : false;
    },
    moreAccounts: () => [],
    read(addresses, { data, vaultAmounts }) {
      const account = decodeRaydiumAmmV4Pool(data(addresses.pool));
      const { servesInitialized } = version;
      const pool = toRaydiumAmmV4Pool({ pool: account, vaultAmounts, servesInitialized });
      return { pool, reserves: [...pool.reserves] };
    },
    feeBps,
    swapInstruction: ammV4SwapInstruction,
  };
}

function feeBps(pool: Pool): number {
  const { swapFeeNumerator, swapFeeDenominator } = pool as RaydiumAmmV4Pool;
  return swapFeeDenominator === 0n ? 0 : Number((swapFeeNumerator * 1_000_000n) / swapFeeDenominator) / 100;
}
