import type { TransactionError } from '../../ports/chain.ts';

type Kind = TransactionError['kind'];

// A pool program's own codes: raydium-io/raydium-cp-swap error.rs, and the IDLs of Meteora's DAMM v2 and DLMM.
const SLIPPAGE_CODES: ReadonlyMap<string, number> = new Map([
  ['CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C', 6005],
  ['cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG', 6002],
  ['LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo', 6003],
]);

// Custom(1) is "insufficient funds" of the token programs and "result with negative lamports" of the system program;
// pool programs number their own errors from 6000.
const NOT_ENOUGH = 1;

const NOT_ENOUGH_NAMES: ReadonlySet<string> = new Set([
  'AccountNotFound', // of the payer: it never held anything
  'InsufficientFundsForFee',
  'InsufficientFundsForRent',
  'InsufficientFunds',
]);

/**
 * Reads an error in the JSON shape of Solana's RPC for its meaning.
 *
 * @param logs Program logs, where the answer holds them: they name the program that failed, which decides between
 *             equal codes of different programs. Without logs the code alone decides.
 */
export function toTransactionError(error: unknown, logs: readonly string[] = []): TransactionError {
  if (typeof error === 'string') return { kind: kindOfName(error), text: error };
  const [name, detail] = Object.entries((error ?? {}) as Record<string, unknown>)[0] ?? [
    'UnknownError',
    null,
  ];
  if (name !== 'InstructionError' || !Array.isArray(detail)) return { kind: kindOfName(name), text: name };

  const [index, cause] = detail as [unknown, unknown];
  const place = `InstructionError[${String(index)}]`;
  if (typeof cause === 'string') return { kind: kindOfName(cause), text: `${place}: ${cause}` };
  const [causeName, code] = Object.entries((cause ?? {}) as Record<string, unknown>)[0] ?? [
    'UnknownError',
    null,
  ];
  const text = `${place}: ${causeName}(${String(code)})`;
  // The system program's "account already in use", where a receipt is created (message-encoder.ts) and nothing else is.
  if (index === 0 && causeName === 'Custom' && Number(code) === 0) return { kind: 'receiptExists', text };
  return { kind: causeName === 'Custom' ? kindOfCode(Number(code), failedProgram(logs)) : 'other', text };
}

function kindOfName(name: string): Kind {
  if (name === 'AlreadyProcessed') return 'alreadyProcessed';
  return NOT_ENOUGH_NAMES.has(name) ? 'insufficientFunds' : 'other';
}

function kindOfCode(code: number, program: string | null): Kind {
  if (code === NOT_ENOUGH) return 'insufficientFunds';
  const isSlippage =
    program === null ? [...SLIPPAGE_CODES.values()].includes(code) : SLIPPAGE_CODES.get(program) === code;
  return isSlippage ? 'slippage' : 'other';
}

/** The innermost failing program: its line comes first, callers repeat the error after it. */
function failedProgram(logs: readonly string[]): string | null {
  for (const line of logs) {
    const match = /^Program (\w{32,44}) failed: /.exec(line);
    if (match) return match[1] ?? null;
  }
  return null;
}
