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

const anchor = (name: string, code: number, left: bigint, right: bigint) => [
  `Program log: AnchorError thrown in programs/x/src/swap.rs:1. Error Code: ${name}. Error Number: ${code}. Error Message: Beyond.`,
  `Program log: Left: ${left}`,
  `Program log: Right: ${right}`,
];

/** Logged by mainnet's builds where the swap was one unit beyond its limit; Meteora's programs log no figures. */
test.each([
  [CPMM, 6005, anchor('ExceededSlippage', 6005, 4_429_920_524_702n, 4_429_920_524_703n), 4_429_920_524_702n],
  [CPMM, 6005, anchor('ExceededSlippage', 6005, 437_371n, 437_372n), 437_371n],
  [CLMM, 6022, anchor('TooLittleOutputReceived', 6022, 17n, 18n), 17n],
  [CLMM, 6023, anchor('TooMuchInputPaid', 6023, 7_344_531n, 7_344_532n), 7_344_531n],
  [
    AMM_V4,
    30,
    ['Program log: ray_log: BM9fAAAAAAAAzNbKAAAAAAACAAAAAAAAAL+zS6eztuANQTAkVAIAAAA36W0UCwcAANBfAAAAAAAA'],
    24_527n,
  ],
  [
    AMM_V4,
    30,
    ['Program log: ray_log: A0AGeVVsAAAAg9xpXNUGAAACAAAAAAAAAL+zS6eztuANQTAkVAIAAAA36W0UCwcAAILcaVzVBgAA'],
    7_513_448_242_306n,
  ],
] as const)('%s with %d gives the limit and the amount of the swap', (program, code, lines, smaller) => {
  const logs = [...lines, `Program ${program} failed: custom program error: 0x${code.toString(16)}`];
  const { compared } = read({ InstructionError: [4, { Custom: code }] }, { logs });
  expect(compared).toEqual({ smaller, larger: smaller + 1n });
});

test('figures of another error, or missing ones, give no limit', () => {
  const failed = `Program ${CPMM} failed: custom program error: 0x1775`;
  const told = (logs: string[]) =>
    read({ InstructionError: [4, { Custom: 6005 }] }, { logs: [...logs, failed] });
  expect(told(anchor('RequireGteViolated', 2505, 1n, 2n))).not.toHaveProperty('compared');
  expect(told(anchor('ExceededSlippage', 6005, 1n, 2n).slice(0, 2))).not.toHaveProperty('compared');
  expect(told(['Program log: Error: ExceededSlippage'])).not.toHaveProperty('compared');
});
