import { expect, test } from 'vitest';
import { toTransactionError } from './transaction-error.ts';

const custom = (code: number) => ({ InstructionError: [3, { Custom: code }] });

test.each([
  [custom(6005), 'slippage', 'InstructionError[3]: Custom(6005)'],
  [custom(6002), 'slippage', 'InstructionError[3]: Custom(6002)'],
  [custom(1), 'insufficientFunds', 'InstructionError[3]: Custom(1)'],
  [custom(0), 'other', 'InstructionError[3]: Custom(0)'],
  [{ InstructionError: [0, { Custom: 0 }] }, 'receiptExists', 'InstructionError[0]: Custom(0)'],
  [{ InstructionError: [0, 'InvalidAccountData'] }, 'other', 'InstructionError[0]: InvalidAccountData'],
  [
    { InstructionError: [0, 'InsufficientFunds'] },
    'insufficientFunds',
    'InstructionError[0]: InsufficientFunds',
  ],
  [{ InsufficientFundsForRent: { account_index: 0 } }, 'insufficientFunds', 'InsufficientFundsForRent'],
  ['InsufficientFundsForFee', 'insufficientFunds', 'InsufficientFundsForFee'],
  ['AccountNotFound', 'insufficientFunds', 'AccountNotFound'],
  ['AlreadyProcessed', 'alreadyProcessed', 'AlreadyProcessed'],
  ['BlockhashNotFound', 'other', 'BlockhashNotFound'],
] as const)('%j is %s', (error, kind, text) => {
  expect(toTransactionError(error)).toEqual({ kind, text });
});

test("does not take another program's code for slippage where the logs name the program", () => {
  const logs = ['Program CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C failed: custom program error: 0x1772'];
  expect(toTransactionError(custom(6002), logs).kind).toBe('other');
  expect(toTransactionError(custom(6005), logs).kind).toBe('slippage');
});

test('blames the innermost program, whose line comes first', () => {
  const logs = [
    'Program log: Error: insufficient funds',
    'Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1',
    'Program CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C failed: custom program error: 0x1',
  ];
  expect(toTransactionError(custom(1), logs).kind).toBe('insufficientFunds');
});
