import { COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '@oee/solana';
import { PRECOMPILES } from './precompiles.ts';
import type { WireMessage } from './wire-transaction.ts';

const LAMPORTS_PER_SIGNATURE = 5_000n;
/** Most compute units that a transaction can ask for. */
export const MAX_COMPUTE_UNITS = 1_400_000n;
const DEFAULT_PROGRAM_UNITS = 200_000n;
const DEFAULT_BUILTIN_UNITS = 3_000n;
const MICRO_LAMPORTS = 1_000_000n;

/** Programs inside the validator, which get fewer compute units by default, without a requested limit (SIMD-0170). */
const BUILTINS: ReadonlySet<string> = new Set([
  SYSTEM_PROGRAM,
  COMPUTE_BUDGET_PROGRAM,
  'Vote111111111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
]);

export interface ComputeBudget {
  /** Compute units that the transaction may use: the requested limit, or the default. */
  readonly unitLimit: bigint;
  /** Micro-lamports per compute unit; 0 where none was offered. */
  readonly unitPriceMicroLamports: bigint;
}

/** The requests of a message's compute budget instructions. */
export function computeBudgetOf(message: WireMessage): ComputeBudget {
  let requested: bigint | null = null;
  let unitPriceMicroLamports = 0n;
  let defaults = 0n;
  for (const { programIndex, data } of message.instructions) {
    const program = message.staticKeys[programIndex] ?? '';
    if (PRECOMPILES.has(program)) continue;
    defaults += BUILTINS.has(program) ? DEFAULT_BUILTIN_UNITS : DEFAULT_PROGRAM_UNITS;
    if (program !== COMPUTE_BUDGET_PROGRAM) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (data[0] === 2 && data.length >= 5) requested = BigInt(view.getUint32(1, true));
    if (data[0] === 3 && data.length >= 9) unitPriceMicroLamports = view.getBigUint64(1, true);
  }
  const wanted = requested ?? defaults;
  return {
    unitLimit: wanted < MAX_COMPUTE_UNITS ? wanted : MAX_COMPUTE_UNITS,
    unitPriceMicroLamports,
  };
}

/** Lamports that the fee payer pays when the message is executed: signatures, and units times price rounded up. */
export function feeOf(message: WireMessage): bigint {
  const { unitLimit, unitPriceMicroLamports } = computeBudgetOf(message);
  const priority = (unitLimit * unitPriceMicroLamports + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return LAMPORTS_PER_SIGNATURE * BigInt(countSignatures(message)) + priority;
}

function countSignatures(message: WireMessage): number {
  let count = message.requiredSignatures;
  for (const { programIndex, data } of message.instructions) {
    if (PRECOMPILES.has(message.staticKeys[programIndex] ?? '')) count += data[0] ?? 0;
  }
  return count;
}
