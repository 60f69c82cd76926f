import { type Mint, toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction, LookupTable } from '../../../ports/chain.ts';

/** The answer of `GET /build`, as far as a swap needs it: jup-ag/docs, openapi-spec/swap/v2. Amounts are base units. */
export interface BuildAnswer {
  readonly inputMint: Mint;
  readonly outputMint: Mint;
  readonly inAmount: bigint;
  /** Net of every fee. */
  readonly outAmount: bigint;
  /** Minimum output that the instructions enforce. */
  readonly otherAmountThreshold: bigint;
  readonly swapMode: string;
  /** Price impact of the swap's size as a fraction: 0.001 is 0.1 %. */
  readonly priceImpact: number;
  readonly routePlan: readonly RouteStep[];
  readonly setupInstructions: readonly Instruction[];
  readonly swapInstruction: Instruction;
  /** Instructions after the swap; empty if it unwraps no SOL. */
  readonly otherInstructions: readonly Instruction[];
  readonly lookupTables: readonly LookupTable[];
}

/** One pool of the route. */
export interface RouteStep {
  readonly ammKey: string;
  readonly label: string;
  readonly inputMint: Mint;
  readonly outputMint: Mint;
  readonly inAmount: bigint;
  readonly outAmount: bigint;
}

/** The body is not an answer of `/build`. */
export class MalformedBuild extends Error {
  override name = 'MalformedBuild';
}

/** @throws {MalformedBuild} With the field that is wrong. */
export function parseBuildAnswer(body: string): BuildAnswer {
  const answer = fields(parseJson(body), 'the body');
  const later = [
    ...list(answer.otherInstructions ?? [], 'otherInstructions'),
    answer.cleanupInstruction,
    answer.tipInstruction,
  ].filter((each) => each !== null && each !== undefined);
  return {
    inputMint: toMint(text(answer.inputMint, 'inputMint')),
    outputMint: toMint(text(answer.outputMint, 'outputMint')),
    inAmount: units(answer.inAmount, 'inAmount'),
    outAmount: units(answer.outAmount, 'outAmount'),
    otherAmountThreshold: units(answer.otherAmountThreshold, 'otherAmountThreshold'),
    swapMode: text(answer.swapMode, 'swapMode'),
    priceImpact: ratio(answer.priceImpactPct, 'priceImpactPct'),
    routePlan: list(answer.routePlan, 'routePlan').map(toStep),
    setupInstructions: list(answer.setupInstructions, 'setupInstructions').map(toInstruction),
    swapInstruction: toInstruction(answer.swapInstruction),
    otherInstructions: later.map(toInstruction),
    lookupTables: toLookupTables(answer.addressesByLookupTableAddress),
  };
}

function toStep(step: unknown): RouteStep {
  const info = fields(fields(step, 'routePlan').swapInfo, 'swapInfo');
  return {
    ammKey: text(info.ammKey, 'ammKey'),
    label: text(info.label, 'label'),
    inputMint: toMint(text(info.inputMint, 'swapInfo.inputMint')),
    outputMint: toMint(text(info.outputMint, 'swapInfo.outputMint')),
    inAmount: units(info.inAmount, 'swapInfo.inAmount'),
    outAmount: units(info.outAmount, 'swapInfo.outAmount'),
  };
}

function toInstruction(value: unknown): Instruction {
  const { programId, accounts, data } = fields(value, 'an instruction');
  return {
    programAddress: text(programId, 'programId'),
    accounts: list(accounts, 'accounts').map((account): AccountUse => {
      const { pubkey, isSigner, isWritable } = fields(account, 'an account');
      return { address: text(pubkey, 'pubkey'), signer: isSigner === true, writable: isWritable === true };
    }),
    data: Uint8Array.from(Buffer.from(text(data, 'data'), 'base64')),
  };
}

function toLookupTables(value: unknown): LookupTable[] {
  return Object.entries(fields(value ?? {}, 'addressesByLookupTableAddress')).map(([address, entries]) => ({
    address,
    addresses: list(entries, 'addressesByLookupTableAddress').map((each) => text(each, 'an address')),
  }));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MalformedBuild('the body is not JSON', { cause: error });
  }
}

function fields(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(name, 'an object');
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) refuse(name, 'a list');
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') refuse(name, 'a text');
  return value;
}

function units(value: unknown, name: string): bigint {
  const amount = typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : -1n;
  if (amount < 0n || amount >= 1n << 64n) refuse(name, 'base units');
  return amount;
}

function ratio(value: unknown, name: string): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) refuse(name, 'a decimal ratio');
  return number;
}

function refuse(name: string, expected: string): never {
  throw new MalformedBuild(`${name} is not ${expected}`);
}
