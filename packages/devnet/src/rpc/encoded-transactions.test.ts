import { expect, test } from 'vitest';
import type { ExecutedTransaction } from '../chain/executed-transaction.ts';
import { Faucet } from '../chain/faucet.ts';
import type { HistoryEntry } from '../chain/history-entry.ts';
import { EncodedTransactions } from './encoded-transactions.ts';

const RECIPIENT = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

function landed(log = ''): { entry: HistoryEntry; executed: ExecutedTransaction } {
  const sent = new Faucet('test').transfer(RECIPIENT, 1n, '11111111111111111111111111111111');
  const { signature, bytes, message } = sent;
  const entry = { signature, slot: 7, blockTime: 1, error: null, segment: 0, offset: 0, length: 0 };
  const executed: ExecutedTransaction = {
    signature,
    bytes,
    error: null,
    logs: [log],
    computeUnits: 150n,
    innerInstructions: [],
    returnData: null,
    fee: 5_000n,
    accounts: message.staticKeys,
    loadedWritable: [],
    loadedReadonly: [],
    preBalances: [],
    postBalances: [],
    preTokenBalances: [],
    postTokenBalances: [],
    loadedDataBytes: 0,
  };
  return { entry, executed };
}

/** Counts how often the ledger is read. */
function ledgerOf() {
  const ledger = { reads: 0, readingOf: (executed: ExecutedTransaction) => () => executed };
  ledger.readingOf = (executed) => () => {
    ledger.reads += 1;
    return executed;
  };
  return ledger;
}

test('reads and encodes a transaction once per encoding', () => {
  const [encoded, ledger] = [new EncodedTransactions(), ledgerOf()];
  const { entry, executed } = landed('Program log: "déjà vu"');
  const read = ledger.readingOf(executed);
  const first = encoded.encode(entry, 'json', read);
  expect(encoded.encode(entry, 'json', read)).toBe(first);
  expect(ledger.reads).toBe(1);
  expect(JSON.parse(first.meta.text).logMessages).toEqual(['Program log: "déjà vu"']);
  expect(JSON.parse(encoded.encode(entry, 'base64', read).transaction.text)).toEqual([
    Buffer.from(executed.bytes).toString('base64'),
    'base64',
  ]);
  expect(ledger.reads).toBe(2);
});

test('encodes a transaction anew that landed again after a fork', () => {
  const [encoded, ledger] = [new EncodedTransactions(), ledgerOf()];
  const { entry, executed } = landed();
  encoded.encode(entry, 'json', ledger.readingOf(executed));
  const again = encoded.encode({ ...entry, slot: 9 }, 'json', ledger.readingOf({ ...executed, fee: 1n }));
  expect(JSON.parse(again.meta.text).fee).toBe(1);
});

test('forgets the transactions that it encoded first when there are too many', () => {
  const [encoded, ledger] = [new EncodedTransactions(), ledgerOf()];
  const all = Array.from({ length: 12 }, () => landed('x'.repeat(2 ** 20)));
  for (const { entry, executed } of all) encoded.encode(entry, 'json', ledger.readingOf(executed));
  expect(ledger.reads).toBe(12);
  encoded.encode(all[11]!.entry, 'json', ledger.readingOf(all[11]!.executed));
  expect(ledger.reads).toBe(12);
  encoded.encode(all[0]!.entry, 'json', ledger.readingOf(all[0]!.executed));
  expect(ledger.reads).toBe(13);
});
