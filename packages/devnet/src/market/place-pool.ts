import {
  decodeMeteoraDammV2Pool,
  decodeRaydiumAmmConfig,
  decodeRaydiumAmmV4Pool,
  decodeRaydiumCpmmPool,
  InvalidAccount,
  METEORA_DAMM_V2_PROGRAM,
  RAYDIUM_AMM_V4_PROGRAM,
  RAYDIUM_CPMM_PROGRAM,
} from '@oee/amm';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The needed part of an account; null if it does not exist. */
type ReadAccount = (address: string) => Pick<GenesisAccount, 'data'> | null;

/**
 * The pool in an account; null if it is no pool of the devnet's programs.
 *
 * @throws {Error} An account that swaps of the pool need is missing; the message names it.
 */
export function placePool(
  { address, owner, data }: Pick<GenesisAccount, 'address' | 'owner' | 'data'>,
  read: ReadAccount,
): PlacedPool | null {
  try {
    return PLACE_BY_PROGRAM.get(owner)?.(address, data, read) ?? null;
  } catch (error) {
    if (error instanceof InvalidAccount) return null; // Another account of the program.
    throw error;
  }
}

function placeCpmm(address: string, data: Uint8Array, read: ReadAccount): PlacedPool {
  const pool = decodeRaydiumCpmmPool(data);
  const [mint0, mint1] = pool.mints;
  const [vault0, vault1] = pool.vaults;
  const [tokenProgram0, tokenProgram1] = pool.tokenPrograms;
  const { ammConfig: config, observation, lpMint } = pool;
  requireAccounts(address, [config, observation, ...pool.mints, ...pool.vaults], read);
  const { tradeFeeRate } = decodeRaydiumAmmConfig(read(config)!.data);
  const tokens = { mint0, mint1, vault0, vault1, tokenProgram0, tokenProgram1 };
  return {
    kind: 'raydium-cpmm',
    address,
    mint0,
    mint1,
    feeBps: Number(tradeFeeRate) / 100,
    parts: { pool: address, config, observation, lpMint, ...tokens },
  };
}

function placeAmmV4(address: string, data: Uint8Array, read: ReadAccount): PlacedPool {
  const pool = decodeRaydiumAmmV4Pool(data);
  const { swapFeeNumerator, swapFeeDenominator, lpMint, market, marketProgram, openOrders, targetOrders } =
    pool;
  const [coinMint, pcMint] = pool.mints;
  const [coinVault, pcVault] = pool.vaults;
  requireAccounts(address, [...pool.mints, ...pool.vaults], read);
  const isFree = swapFeeDenominator === 0n;
  return {
    kind: 'raydium-amm-v4',
    address,
    mint0: coinMint,
    mint1: pcMint,
    feeBps: isFree ? 0 : Number((swapFeeNumerator * 1_000_000n) / swapFeeDenominator) / 100,
    parts: {
      ...{ pool: address, coinVault, pcVault, coinMint, pcMint },
      ...{ lpMint, market, marketProgram, openOrders, targetOrders },
    },
  };
}

function placeDamm(address: string, data: Uint8Array, read: ReadAccount): PlacedPool {
  const { mints, vaults, tokenFlags, pool } = decodeMeteoraDammV2Pool(data);
  const [mintA, mintB] = mints;
  const [vaultA, vaultB] = vaults;
  requireAccounts(address, [...mints, ...vaults], read);
  const programOf = (flag: number) => (flag === 0 ? TOKEN_PROGRAM : TOKEN_2022_PROGRAM);
  const [tokenProgramA, tokenProgramB] = [programOf(tokenFlags[0]), programOf(tokenFlags[1])];
  return {
    kind: 'meteora-damm-v2',
    address,
    mint0: mintA,
    mint1: mintB,
    feeBps: Number(pool.baseFee.cliffFeeNumerator) / 100_000,
    parts: { pool: address, mintA, mintB, vaultA, vaultB, tokenProgramA, tokenProgramB },
  };
}

type Place = (address: string, data: Uint8Array, read: ReadAccount) => PlacedPool;

const PLACE_BY_PROGRAM: ReadonlyMap<string, Place> = new Map([
  [RAYDIUM_CPMM_PROGRAM, placeCpmm],
  [RAYDIUM_AMM_V4_PROGRAM, placeAmmV4],
  [METEORA_DAMM_V2_PROGRAM, placeDamm],
]);

/** The programs whose pools the devnet finds on the chain; pools of other programs come only from genesis. */
export const PLACED_PROGRAMS: readonly string[] = [...PLACE_BY_PROGRAM.keys()];

function requireAccounts(pool: string, addresses: readonly string[], read: ReadAccount): void {
  const missing = addresses.filter((address) => read(address) === null);
  if (missing.length > 0) throw new Error(`the pool ${pool} needs ${missing.join(', ')}, which is not there`);
}
