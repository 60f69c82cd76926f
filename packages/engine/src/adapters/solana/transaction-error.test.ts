import { describe, expect, test } from 'vitest';
import type { ProgramErrors } from '../../ports/chain.ts';
import { createErrorReader } from './transaction-error.ts';

const ONE = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';
const OTHER = 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const slippage = { kind: 'slippage', words: 'it gives too little' } as const;
const closed = { kind: 'other', words: 'it is closed' } as const;
const PROGRAMS: readonly ProgramErrors[] = [
  { programAddress: ONE, name: 'the one', errors: { 6005: slippage, 6002: closed, 6000: closed } },
  { programAddress: OTHER, name: 'the other', errors: { 6002: slippage, 6000: closed, 40: slippage } },
];
const read = createErrorReader(PROGRAMS);
const custom = (code: number, instruction = 3) => ({ InstructionError: [instruction, { Custom: code }] });
const failed = (...programs: string[]) =>
  programs.map((program) => `Program ${program} failed: custom program error: 0x1`);

test.each([
  [custom(6005), 'slippage', 'the one says: it gives too little (error 6005 of instruction 3)'],
  // Two programs know the code, and mean different things by it; then the same.
  [custom(6002), 'other', 'it refuses the swap (error 6002 of instruction 3)'],
  [
    custom(1),
    'insufficientFunds',
    'an account does not hold what is taken from it (error 1 of instruction 3)',
  ],
  [custom(7), 'other', 'a program refuses the swap (error 7 of instruction 3)'],
  [{ InstructionError: [0, 'InvalidAccountData'] }, 'other', 'invalid account data (instruction 0)'],
  [{ InstructionError: [2, 'InsufficientFunds'] }, 'insufficientFunds', 'insufficient funds (instruction 2)'],
  [
    { InsufficientFundsForRent: { account_index: 0 } },
    'insufficientFunds',
    'an account would hold less than its rent',
  ],
  ['InsufficientFundsForFee', 'insufficientFunds', 'the wallet does not hold the network fee'],
  ['AccountNotFound', 'insufficientFunds', 'the wallet holds no SOL'],
  ['AlreadyProcessed', 'alreadyProcessed', 'it was executed already'],
  ['BlockhashNotFound', 'other', 'its blockhash is not known'],
  ['WouldExceedMaxBlockCostLimit', 'other', 'would exceed max block cost limit'],
] as const)('%j is %s', (error, kind, text) => {
  expect(read(error)).toEqual({ kind, text });
});

test('a first instruction whose account exists already means that the receipt exists', () => {
  expect(read(custom(0, 0)).kind).toBe('receiptExists');
  expect(read(custom(0)).kind).toBe('other');
});

describe('an error code is read by the program that failed', () => {
  test('named by the logs, whose first line names the innermost program', () => {
    expect(read(custom(6002), { logs: failed(ONE) })).toMatchObject({
      kind: 'other',
      text: 'the one says: it is closed (error 6002 of instruction 3)',
    });
    expect(read(custom(6002), { logs: failed(OTHER) }).kind).toBe('slippage');
    expect(read(custom(1), { logs: failed(TOKEN, ONE) })).toEqual({
      kind: 'insufficientFunds',
      text: 'the Token program says: a token account does not hold what is taken from it (error 1 of instruction 3)',
    });
    expect(read(custom(1), { logs: failed(ONE) }).kind).toBe('other');
    const stranger = 'JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4';
    expect(read(custom(6002), { logs: failed(stranger) })).toEqual({
      kind: 'other',
      text: `program ${stranger} says: it refuses the swap (error 6002 of instruction 3)`,
    });
  });

  test('named by the message where there are no logs, unless only a called program can mean the code', () => {
    const programOf = (instruction: number) => [ONE, OTHER][instruction];
    expect(read(custom(6002, 1), { programOf }).kind).toBe('slippage');
    expect(read(custom(6002, 0), { programOf }).kind).toBe('other');
    expect(read(custom(1, 0), { programOf }).kind).toBe('insufficientFunds');
  });
});

describe('a program whose versions number their errors differently', () => {
  const ADDRESS = 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK';
  const TOO_LITTLE = { kind: 'slippage', words: 'it gives too little' } as const;
  const readVersions = createErrorReader([
    {
      ...{ programAddress: ADDRESS, name: 'CLMM', errors: { 6022: TOO_LITTLE } },
      errorsByName: { TooLittleOutputReceived: TOO_LITTLE },
    },
  ]);
  const logsOf = (name: string, code: number) => [
    `Program log: AnchorError thrown in programs/amm/src/swap.rs:1. Error Code: ${name}. Error Number: ${code}. Error Message: x.`,
    ...failed(ADDRESS),
  ];

  test.each([6018, 6022])('is read by the name of code %i', (code) => {
    const { kind } = readVersions(custom(code), { logs: logsOf('TooLittleOutputReceived', code) });
    expect(kind).toBe('slippage');
  });

  test('keeps no old meaning of a number whose name has changed', () => {
    const { kind } = readVersions(custom(6022), { logs: logsOf('ZeroAmountSpecified', 6022) });
    expect(kind).toBe('other');
  });

  test('is read by the code where its logs have no name, or one that belongs to another code', () => {
    expect(readVersions(custom(6022), { logs: failed(ADDRESS) }).kind).toBe('slippage');
    expect(readVersions(custom(6022), { logs: logsOf('ZeroAmountSpecified', 6024) }).kind).toBe('slippage');
  });
});

test('an error of the system program carries its figures', () => {
  const logs = [
    'Transfer: insufficient lamports 100, need 2039280',
    ...failed('11111111111111111111111111111111'),
  ];
  expect(read(custom(1), { logs })).toMatchObject({
    kind: 'insufficientFunds',
    lamports: { held: 100n, needed: 2_039_280n },
  });
});
