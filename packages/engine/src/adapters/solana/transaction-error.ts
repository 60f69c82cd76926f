import type { ProgramError, ProgramErrors, TransactionError } from '../../ports/chain.ts';
import { CHAIN_ERRORS } from './chain-errors.ts';
import { anchorComparison } from './compared-amounts.ts';

type Kind = TransactionError['kind'];

const NOT_ENOUGH_NAMES: ReadonlySet<string> = new Set([
  'AccountNotFound', // the payer's account: it never held lamports
  'InsufficientFundsForFee',
  'InsufficientFundsForRent',
  'InsufficientFunds',
]);

/** Texts for the runtime's error names; any other name is split into its words. */
const WORDS_OF_NAME: Readonly<Record<string, string>> = {
  AccountNotFound: 'the wallet holds no SOL',
  InsufficientFundsForFee: 'the wallet does not hold the network fee',
  InsufficientFundsForRent: 'an account would hold less than its rent',
  ComputationalBudgetExceeded: 'it needs more compute units than it may use',
  AlreadyProcessed: 'it was executed already',
  BlockhashNotFound: 'its blockhash is not known',
};

/** Used if the failing program is unknown but all tables with the code agree. */
const WORDS_OF_KIND: Readonly<Record<ProgramError['kind'], string>> = {
  slippage: 'the swap is beyond its limit',
  insufficientFunds: 'an account does not hold what is taken from it',
  unserved: 'it does not take swaps of this form',
  other: 'it refuses the swap',
};

/** Context of the transaction besides the error. */
export interface ErrorContext {
  /** Program logs: they name the program that failed, even if another program called it. */
  readonly logs?: readonly string[];
  /** Program of an instruction, base58, where the message is at hand. */
  readonly programOf?: (instruction: number) => string | undefined;
}

/** Reads the meaning of an error in the JSON shape of Solana's RPC. */
export type ErrorReader = (error: unknown, context?: ErrorContext) => TransactionError;

/** @param programs Error tables of the called programs, besides those of the chain's own programs. */
export function createErrorReader(programs: readonly ProgramErrors[] = []): ErrorReader {
  const tables = new Map([...CHAIN_ERRORS, ...programs].map((table) => [table.programAddress, table]));

  function ofProgram(address: string, code: number, logs: readonly string[] = []): Meaning {
    const table = tables.get(address);
    const named = table?.errorsByName && anchorName(logs, code);
    const known = named ? table.errorsByName[named] : table?.errors[code];
    return {
      kind: known?.kind ?? 'other',
      words: `${table?.name ?? `program ${address}`} says: ${known?.words ?? 'it refuses the swap'}`,
    };
  }

  /** The meaning on which all tables with this code agree; `other` if they differ or none has it. */
  function ofCode(code: number): Meaning {
    const known = [...tables.values()].filter(({ errors }) => errors[code]);
    const [first, ...others] = known;
    if (!first) return { kind: 'other', words: 'a program refuses the swap' };
    if (others.length === 0) return ofProgram(first.programAddress, code);
    const kinds = new Set(known.map(({ errors }) => errors[code]!.kind));
    const [kind] = kinds.size === 1 ? kinds : (['other'] as const);
    return { kind: kind!, words: WORDS_OF_KIND[kind!] };
  }

  function meaningOf(code: number, instruction: number, { logs = [], programOf }: ErrorContext): Meaning {
    const failed = failedProgram(logs);
    if (failed !== null) return ofProgram(failed, code, logs);
    const called = programOf?.(instruction);
    // A code that the called program lacks comes from a program that it called in turn.
    return called !== undefined && tables.get(called)?.errors[code] ? ofProgram(called, code) : ofCode(code);
  }

  return (error, context = {}) => {
    const { name, detail } = parted(error);
    if (name !== 'InstructionError' || !Array.isArray(detail)) return ofName(name, wordsOf(name), context);
    const [index, cause] = detail as [unknown, unknown];
    const instruction = Number(index);
    const place = `instruction ${instruction}`;
    const { name: causeName, detail: code } = parted(cause);
    if (causeName !== 'Custom') return ofName(causeName, `${wordsOf(causeName)} (${place})`, context);
    const { kind, words } = meaningOf(Number(code), instruction, context);
    const text = `${words} (error ${String(code)} of ${place})`;
    // The system program's "account already in use", where a receipt is created (message-encoder.ts) and nothing else is.
    if (instruction === 0 && Number(code) === 0) return { kind: 'receiptExists', text };
    return { kind, text, ...lamportsIn(kind, context.logs), ...comparedIn(kind, Number(code), context) };
  };

  function comparedIn(
    kind: Kind,
    code: number,
    { logs = [] }: ErrorContext,
  ): Pick<TransactionError, 'compared'> {
    if (kind !== 'slippage') return {};
    const own = tables.get(failedProgram(logs) ?? '')?.comparedIn;
    const compared = own ? own(logs) : anchorComparison(logs, code);
    return compared ? { compared } : {};
  }
}

interface Meaning {
  readonly kind: ProgramError['kind'];
  readonly words: string;
}

/** Splits an error, which is a name, or an object with one name and its details. */
function parted(error: unknown): { readonly name: string; readonly detail: unknown } {
  if (typeof error === 'string') return { name: error, detail: null };
  const [name, detail] = Object.entries((error ?? {}) as Record<string, unknown>)[0] ?? [
    'UnknownError',
    null,
  ];
  return { name, detail };
}

const ofName = (name: string, text: string, { logs }: ErrorContext): TransactionError => {
  const kind = kindOfName(name);
  return { kind, text, ...lamportsIn(kind, logs) };
};

function kindOfName(name: string): Kind {
  if (name === 'AlreadyProcessed') return 'alreadyProcessed';
  return NOT_ENOUGH_NAMES.has(name) ? 'insufficientFunds' : 'other';
}

const wordsOf = (name: string): string =>
  WORDS_OF_NAME[name] ??
  name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());

/** The system program logs an account's balance and the amount to be taken from it. */
function lamportsIn(kind: Kind, logs: readonly string[] = []): Pick<TransactionError, 'lamports'> {
  if (kind !== 'insufficientFunds') return {};
  for (const line of logs) {
    const match = /insufficient lamports (\d+), need (\d+)/.exec(line);
    if (match) return { lamports: { held: BigInt(match[1]!), needed: BigInt(match[2]!) } };
  }
  return {};
}

/** The name that an Anchor program logs with the code that it fails with; null without one. */
function anchorName(logs: readonly string[], code: number): string | null {
  for (const line of logs) {
    const match = /^Program log: AnchorError .*Error Code: (\w+)\. Error Number: (\d+)\./.exec(line);
    if (match && Number(match[2]) === code) return match[1] ?? null;
  }
  return null;
}

/** The innermost failing program: its log line comes first, and its callers repeat the error after it. */
function failedProgram(logs: readonly string[]): string | null {
  for (const line of logs) {
    const match = /^Program (\w{32,44}) failed: /.exec(line);
    if (match) return match[1] ?? null;
  }
  return null;
}
