import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getAddressEncoder,
  getBase64EncodedWireTransaction,
  getProgramDerivedAddress,
  getSignatureFromTransaction,
  type Instruction,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { expect, test } from 'vitest';
import {
  advance,
  balanceOf,
  blockhashOf,
  call,
  fundedSigner,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

const LOOKUP_TABLE_PROGRAM = address('AddressLookupTab1e1111111111111111111111111');
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
const encoder = getAddressEncoder();

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function instruction(table: Address, payer: Address, data: number[]): Instruction {
  return {
    programAddress: LOOKUP_TABLE_PROGRAM,
    accounts: [
      { address: table, role: AccountRole.WRITABLE },
      { address: payer, role: AccountRole.WRITABLE_SIGNER },
      { address: payer, role: AccountRole.WRITABLE_SIGNER },
      { address: SYSTEM_PROGRAM, role: AccountRole.READONLY },
    ],
    data: Uint8Array.from(data),
  };
}

test('a table is created, extended and used by a version 0 transaction', async () => {
  const devnet = await startManualDevnet();
  const payer = await fundedSigner(devnet);
  const { address: recipient } = await signerFrom('in the table');
  const recentSlot = BigInt((await call(devnet, 'getSlot', [{ commitment: 'processed' }])).result);
  const seeds = [encoder.encode(payer.address), u64(recentSlot)];
  const [table, bump] = await getProgramDerivedAddress({ programAddress: LOOKUP_TABLE_PROGRAM, seeds });
  const create = instruction(table, payer.address, [0, 0, 0, 0, ...u64(recentSlot), bump]);
  const extend = instruction(table, payer.address, [2, 0, 0, 0, ...u64(1n), ...encoder.encode(recipient)]);
  const made = await signed(devnet, payer, [create, extend]);
  expect((await send(devnet, made.base64, { preflightCommitment: 'confirmed' })).error).toBeUndefined();
  await advance(devnet, 2); // New entries can be used from the next slot on.
  expect(await statusOf(devnet, made.signature)).toMatchObject({ err: null });

  const { blockhash } = await blockhashOf(devnet, 'confirmed');
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (draft) => setTransactionMessageFeePayerSigner(payer, draft),
    (draft) => setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, draft),
    (draft) => appendTransactionMessageInstructions([transfer(payer, recipient, 7_000_000n)], draft),
    (draft) => compressTransactionMessageUsingAddressLookupTables(draft, { [table]: [recipient] }),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  await send(devnet, getBase64EncodedWireTransaction(transaction), { preflightCommitment: 'confirmed' });
  await advance(devnet, 2);

  expect(await balanceOf(devnet, recipient)).toBe(7_000_000n);
  const signature = getSignatureFromTransaction(transaction);
  const { result } = await call(devnet, 'getTransaction', [
    signature,
    { commitment: 'confirmed', maxSupportedTransactionVersion: 0 },
  ]);
  expect(result.meta.loadedAddresses).toEqual({ writable: [recipient], readonly: [] });
  expect(result.transaction.message.addressTableLookups).toEqual([
    { accountKey: table, writableIndexes: [0], readonlyIndexes: [] },
  ]);
  expect(result.meta.postBalances.at(-1)).toBe(7_000_000);
  await devnet.stop();
});
