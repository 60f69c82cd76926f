import {
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  decodeTokenAccount,
  RAYDIUM_CPMM_PROGRAM,
  toRaydiumCpmmPool,
} from '@oee/amm';
import { readU64 } from '../../pools/account-bytes.ts';
import { createCpmmSwap, readCpmmFeesOwed } from '../../pools/raydium-cpmm.ts';
import { TOKEN_AMOUNT_OFFSET } from '../../pools/token-accounts.ts';
import { newCpmmPool } from '../new-pool.ts';
import type { PoolKind } from './pool-kind.ts';

const STATUS_OFFSET = 329;
const SWAP_DISABLED = 4;

export const raydiumCpmmKind: PoolKind<'raydium-cpmm'> = {
  program: RAYDIUM_CPMM_PROGRAM,
  label: 'Raydium CP',
  legCost: { accounts: 13, bytes: 280 },

  layOut: ({ configIndex }, base, quote) => newCpmmPool({ configIndex, base, quote }),

  view({ parts }, state, account) {
    const [vault0, vault1] = [account(parts.vault0), account(parts.vault1)];
    if (vault0 === null || vault1 === null) return null;
    const { owed0, owed1 } = readCpmmFeesOwed(state);
    return {
      reserve0: readU64(vault0, TOKEN_AMOUNT_OFFSET) - owed0,
      reserve1: readU64(vault1, TOKEN_AMOUNT_OFFSET) - owed1,
    };
  },

  swap: ({ pool, ...swap }) => createCpmmSwap({ addresses: pool.parts, ...swap }),

  vaults: ({ parts }) => [parts.vault0, parts.vault1],

  read({ parts }, state, account) {
    const [config, vault0, vault1] = [account(parts.config), account(parts.vault0), account(parts.vault1)];
    if (config === null || vault0 === null || vault1 === null) return null;
    return toRaydiumCpmmPool({
      pool: decodeRaydiumCpmmPool(state),
      config: decodeRaydiumAmmConfig(config),
      vaultAmounts: [decodeTokenAccount(vault0).amount, decodeTokenAccount(vault1).amount],
    });
  },

  launch: {
    movesTo: 'meteora-damm-v2',
    open: (sides, { opens }) =>
      newCpmmPool({ configIndex: 0, ...sides, ...(opens && { openTime: BigInt(opens.timeSeconds) }) }),
    movable: (_, { reserve0, reserve1 }) => [reserve0, reserve1],
    closedFlag: { offset: STATUS_OFFSET, bits: SWAP_DISABLED },
  },
};
