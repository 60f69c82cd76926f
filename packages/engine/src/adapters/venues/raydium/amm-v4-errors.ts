import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import type { ComparedAmounts, ProgramErrors } from '../../../ports/chain.ts';

/** Codes: raydium-io/raydium-amm, error.rs; 30 and 40 were measured on its binary, one unit beyond the limit. */
export const ammV4Errors: ProgramErrors = {
  programAddress: RAYDIUM_AMM_V4_PROGRAM,
  name: "Raydium's AMM v4 program",
  errors: {
    22: { kind: 'unserved', words: 'the pool does not accept swaps of this form at present' },
    30: { kind: 'slippage', words: 'it gives less, or asks for more, than the swap accepts' },
    40: { kind: 'insufficientFunds', words: 'the wallet does not hold the input' },
  },
  comparedIn: loggedSwap,
};

const SWAP_LINE = /^Program log: ray_log: ([A-Za-z0-9+/]+=*)$/;
const SWAP_BYTES = 57;
const BASE_IN = 3;
const BASE_OUT = 4;

/**
 * The program logs a swap before it checks the limit (raydium-amm, log.rs): its output and the minimum, or its input
 * and the maximum.
 */
function loggedSwap(logs: readonly string[]): ComparedAmounts | null {
  const base64 = logs.map((line) => SWAP_LINE.exec(line)?.[1]).findLast((found) => found !== undefined);
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.length !== SWAP_BYTES) return null;
  const result = bytes.readBigUInt64LE(49);
  if (bytes[0] === BASE_IN) return { smaller: result, larger: bytes.readBigUInt64LE(9) };
  return bytes[0] === BASE_OUT ? { smaller: bytes.readBigUInt64LE(1), larger: result } : null;
}
