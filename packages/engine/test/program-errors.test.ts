import { expect, test } from 'vitest';
import { createErrorReader } from '../src/adapters/solana/transaction-error.ts';
import { POOL_PROGRAM_ERRORS } from '../src/main/pool-venues.ts';

const read = createErrorReader(POOL_PROGRAM_ERRORS);

const DLMM = 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo';
const DAMM_V2 = 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG';
const CPMM = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';
const AMM_V4 = '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8';
const CLMM = 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';

/** What mainnet's builds fail with where a swap is one unit beyond its limit, or beyond what the wallet holds. */
test.each([
  [DLMM, 6003, 'slippage'], // Exact input, one more asked for than it gives.
  [DLMM, 6104, 'slippage'], // Exact output, one less offered than it takes.
  [DLMM, 6057, 'slippage'],
  [DLMM, 6002, 'slippage'],
  [DLMM, 6039, 'slippage'],
  [DAMM_V2, 6002, 'slippage'], // All three modes.
  [CPMM, 6005, 'slippage'], // Both instructions.
  [AMM_V4, 30, 'slippage'],
  [AMM_V4, 40, 'insufficientFunds'],
  [CLMM, 6022, 'slippage'],
  [CLMM, 6023, 'slippage'],
  [TOKEN, 1, 'insufficientFunds'],
] as const)('%s with %d is %s, in words', (program, code, kind) => {
  const logs = [`Program ${program} failed: custom program error: 0x${code.toString(16)}`];
  const { kind: told, text } = read({ InstructionError: [4, { Custom: code }] }, { logs });
  expect(told).toBe(kind);
  expect(text).toMatch(/^.* program says: [a-z].* \(error \d+ of instruction 4\)$/);
  expect(text).not.toContain('refuses the swap');
});
