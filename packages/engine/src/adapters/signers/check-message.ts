import { COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAM } from '@oee/solana';
import type { Instruction } from '../../ports/chain.ts';
import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import type { LookupTables } from '../../ports/lookup-tables.ts';
import { PolicyRefused } from '../../ports/signer.ts';
import { type DecodedMessage, decodeMessage, tablesOf, UnreadableMessage } from './decoded-message.ts';
import { refuse, require } from './refuse.ts';

export interface MessageContext {
  readonly address: string;
  readonly maxPriorityFeeLamports: bigint;
  /** If absent, the signer refuses a message that uses lookup tables. */
  readonly lookupTables?: LookupTables | undefined;
}

/** A message that only the wallet signs and pays, and its instructions other than compute budget and memo. */
export interface CheckedMessage extends DecodedMessage {
  /** The instructions that remain to be checked, in their order. */
  readonly rest: readonly Instruction[];
}

/**
 * The rules for every message: only the wallet signs, the priority fee has a maximum, and a memo
 * is only text.
 *
 * @throws {PolicyRefused} With the rule that the message breaks.
 */
export async function checkMessage(context: MessageContext, message: Uint8Array): Promise<CheckedMessage> {
  const decoded = await decode(context, message);
  require(decoded.payer === context.address, 'another wallet pays');
  require(decoded.requiredSignatures === 1, 'another account signs too');
  const budget: Instruction[] = [];
  const rest: Instruction[] = [];
  for (const instruction of decoded.instructions) {
    if (instruction.programAddress === COMPUTE_BUDGET_PROGRAM) budget.push(instruction);
    else if (instruction.programAddress !== MEMO_PROGRAM) rest.push(instruction);
    else require(instruction.accounts.length === 0, 'a memo names accounts');
  }
  checkPriorityFee(budget, context.maxPriorityFeeLamports);
  return { ...decoded, rest };
}

/** Lookup tables, which the signer reads from the chain itself. */
async function decode({ lookupTables }: MessageContext, message: Uint8Array): Promise<DecodedMessage> {
  try {
    const tables = tablesOf(message);
    if (tables.length > 0 && !lookupTables) throw new UnreadableMessage('it uses address lookup tables');
    return decodeMessage(message, tables.length > 0 ? await lookupTables?.read(tables) : []);
  } catch (error) {
    if (error instanceof UnreadableMessage)
      throw new PolicyRefused(`The message was not signed: ${error.message}.`, { cause: error });
    throw error;
  }
}

/** Allows limit and price once each; their product is the wallet's fee beyond the base fee. */
function checkPriorityFee(instructions: readonly Instruction[], maxLamports: bigint): void {
  const limits: bigint[] = [];
  const prices: bigint[] = [];
  for (const { data } of instructions) {
    const bytes = Buffer.from(data);
    if (bytes[0] === 2 && bytes.length === 5) limits.push(BigInt(bytes.readUInt32LE(1)));
    else if (bytes[0] === 3 && bytes.length === 9) prices.push(bytes.readBigUInt64LE(1));
    else refuse('a compute budget instruction is not of a known form');
  }
  require(limits.length <= 1 && prices.length <= 1, 'the compute budget is set twice');
  // A message without its own limit could be charged for the most.
  const microLamports = (limits[0] ?? BigInt(MAX_COMPUTE_UNITS)) * (prices[0] ?? 0n);
  const lamports = (microLamports + 999_999n) / 1_000_000n;
  require(lamports <= maxLamports, `the priority fee is ${lamports} lamports, allowed are ${maxLamports}`);
}
