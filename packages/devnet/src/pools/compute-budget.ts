import { COMPUTE_BUDGET_PROGRAM } from '@oee/solana';
import { MAX_COMPUTE_UNITS } from '../chain/fees.ts';
import { createAccountBytes } from './account-bytes.ts';
import type { SwapInstruction } from './swap-instruction.ts';

/** Instructions of the compute budget program. Layouts: solana-program's own repositories. */

export function setComputeUnitLimit(units: bigint): SwapInstruction {
  const data = createAccountBytes(5).u8(0, 2).u32(1, Number(units)).bytes;
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data };
}

export function setComputeUnitPrice(microLamports: bigint): SwapInstruction {
  const data = createAccountBytes(9).u8(0, 3).u64(1, microLamports).bytes;
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data };
}

/** A swap over all bins of a pool uses several times the default units of a transaction. */
export const MOST_COMPUTE_UNITS = setComputeUnitLimit(MAX_COMPUTE_UNITS);
