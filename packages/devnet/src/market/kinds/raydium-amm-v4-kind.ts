import {
  decodeRaydiumAmmV4Pool,
  decodeTokenAccount,
  RAYDIUM_AMM_V4_PROGRAM,
  toRaydiumAmmV4Pool,
} from '@oee/amm';
import { readU64 } from '../../pools/account-bytes.ts';
import { createAmmV4Swap, readAmmV4ProfitOwed } from '../../pools/raydium-amm-v4.ts';
import { TOKEN_AMOUNT_OFFSET } from '../../pools/token-accounts.ts';
import { newAmmV4Pool } from '../new-amm-v4-pool.ts';
import type { PoolKind } from './pool-kind.ts';

export const raydiumAmmV4Kind: PoolKind<'raydium-amm-v4'> = {
  program: RAYDIUM_AMM_V4_PROGRAM,
  label: 'Raydium',
  legCost: { accounts: 8, bytes: 250 },

  layOut: (_, base, quote) => newAmmV4Pool({ base, quote }),

  view({ parts }, state, account) {
    const [coinVault, pcVault] = [account(parts.coinVault), account(parts.pcVault)];
    if (coinVault === null || pcVault === null) return null;
    const owed = readAmmV4ProfitOwed(state);
    return {
      reserve0: readU64(coinVault, TOKEN_AMOUNT_OFFSET) - owed.coin,
      reserve1: readU64(pcVault, TOKEN_AMOUNT_OFFSET) - owed.pc,
    };
  },

  // The wallet's accounts determine the direction.
  swap: ({ pool, amountIn, minAmountOut, payer, userIn, userOut }) =>
    createAmmV4Swap({
      addresses: pool.parts,
      ...{ payer, userIn, userOut },
      first: amountIn,
      second: minAmountOut,
    }),

  vaults: ({ parts }) => [parts.coinVault, parts.pcVault],

  read({ parts }, state, account) {
    const [coinVault, pcVault] = [account(parts.coinVault), account(parts.pcVault)];
    if (coinVault === null || pcVault === null) return null;
    const vaultAmounts = [decodeTokenAccount(coinVault).amount, decodeTokenAccount(pcVault).amount] as const;
    return toRaydiumAmmV4Pool({ pool: decodeRaydiumAmmV4Pool(state), vaultAmounts });
  },
};
