import type { FailedTransactionMetadata } from 'litesvm/dist/internal.js';
import {
  InstructionErrorBorshIo,
  InstructionErrorCustom,
  TransactionErrorDuplicateInstruction,
  TransactionErrorInstructionError,
  TransactionErrorInsufficientFundsForRent,
  TransactionErrorProgramExecutionTemporarilyRestricted,
} from 'litesvm/dist/internal.js';
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from './error-names.ts';

type InstructionErrorJson = string | { Custom: number };

/** Why a transaction failed, in the JSON shape of Solana's RPC. */
export type TransactionErrorJson =
  | string
  | { InstructionError: [index: number, error: InstructionErrorJson] }
  | { DuplicateInstruction: number }
  | { InsufficientFundsForRent: { account_index: number } }
  | { ProgramExecutionTemporarilyRestricted: { account_index: number } };

/** The virtual machine's error, whose kinds are classes and bare numbers, in the shape of Solana's RPC. */
export function toErrorJson(error: ReturnType<FailedTransactionMetadata['err']>): TransactionErrorJson {
  if (error instanceof TransactionErrorInstructionError) {
    return { InstructionError: [error.index, toInstructionErrorJson(error.err())] };
  }
  if (error instanceof TransactionErrorDuplicateInstruction) return { DuplicateInstruction: error.index };
  if (error instanceof TransactionErrorInsufficientFundsForRent) {
    return { InsufficientFundsForRent: { account_index: error.accountIndex } };
  }
  if (error instanceof TransactionErrorProgramExecutionTemporarilyRestricted) {
    return { ProgramExecutionTemporarilyRestricted: { account_index: error.accountIndex } };
  }
  return TRANSACTION_ERRORS[error as number]?.[0] ?? `Unknown(${String(error)})`;
}

function toInstructionErrorJson(
  error: ReturnType<TransactionErrorInstructionError['err']>,
): InstructionErrorJson {
  if (error instanceof InstructionErrorCustom) return { Custom: error.code };
  if (error instanceof InstructionErrorBorshIo) return 'BorshIoError';
  return INSTRUCTION_ERRORS[error as number]?.[0] ?? `Unknown(${String(error)})`;
}

/** The sentence that Agave prints for an error, for example in a failed preflight. */
export function describeError(error: TransactionErrorJson): string {
  if (typeof error === 'string') {
    return TRANSACTION_ERRORS.find(([name]) => name === error)?.[1] ?? error;
  }
  if ('InstructionError' in error) {
    const [index, cause] = error.InstructionError;
    return `Error processing Instruction ${index}: ${describeInstructionError(cause)}`;
  }
  if ('DuplicateInstruction' in error) {
    return `Transaction contains a duplicate instruction (${error.DuplicateInstruction}) that is not allowed`;
  }
  if ('InsufficientFundsForRent' in error) {
    const index = error.InsufficientFundsForRent.account_index;
    return `Transaction results in an account (${index}) with insufficient funds for rent`;
  }
  const index = error.ProgramExecutionTemporarilyRestricted.account_index;
  return `Execution of the program referenced by account at index ${index} is temporarily restricted.`;
}

function describeInstructionError(error: InstructionErrorJson): string {
  if (typeof error !== 'string') return `custom program error: 0x${error.Custom.toString(16)}`;
  return INSTRUCTION_ERRORS.find(([name]) => name === error)?.[1] ?? error;
}
