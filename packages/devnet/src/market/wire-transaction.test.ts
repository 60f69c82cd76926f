import { createPublicKey, verify } from 'node:crypto';
import { requireAddressBytes, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { getCompiledTransactionMessageDecoder, getTransactionDecoder } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import { createSeededKeypair } from './keypair.ts';
import { signTransaction } from './wire-transaction.ts';

const BLOCKHASH = 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N';
const payer = createSeededKeypair('wire', 'payer');
const [first, second] = [createSeededKeypair('wire', 'a').address, createSeededKeypair('wire', 'b').address];

describe('signTransaction', () => {
  const instruction = {
    program: TOKEN_PROGRAM,
    data: Uint8Array.of(1, 2, 3),
    accounts: [
      { address: first, isSigner: false, isWritable: false },
      { address: payer.address, isSigner: true, isWritable: false },
      { address: second, isSigner: false, isWritable: true },
      { address: first, isSigner: false, isWritable: false },
    ],
  };

  test('writes a legacy transaction that the general client reads back', () => {
    const { messageBytes } = getTransactionDecoder().decode(signTransaction(payer, [instruction], BLOCKHASH));
    const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
    expect(message).toMatchObject({
      version: 'legacy',
      header: { numSignerAccounts: 1, numReadonlySignerAccounts: 0, numReadonlyNonSignerAccounts: 2 },
      staticAccounts: [payer.address, second, first, TOKEN_PROGRAM],
      lifetimeToken: BLOCKHASH,
      instructions: [{ programAddressIndex: 3, accountIndices: [2, 0, 1, 2], data: Uint8Array.of(1, 2, 3) }],
    });
  });

  test('makes an account writable when any instruction writes it', () => {
    const reading = { ...instruction, accounts: [{ address: first, isSigner: false, isWritable: false }] };
    const writing = { ...instruction, accounts: [{ address: first, isSigner: false, isWritable: true }] };
    const { messageBytes } = getTransactionDecoder().decode(
      signTransaction(payer, [reading, writing], BLOCKHASH),
    );
    const message = getCompiledTransactionMessageDecoder().decode(messageBytes);
    expect(message.staticAccounts).toEqual([payer.address, first, TOKEN_PROGRAM]);
    expect(message.header).toMatchObject({ numReadonlyNonSignerAccounts: 1 });
  });

  test('signs the message with the payer’s key', () => {
    const wire = signTransaction(payer, [instruction], BLOCKHASH);
    const key = createPublicKey({
      key: Buffer.concat([
        Buffer.from('302a300506032b6570032100', 'hex'),
        requireAddressBytes(payer.address),
      ]),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, wire.subarray(65), key, wire.subarray(1, 65))).toBe(true);
  });

  test('writes lengths of more than seven bits', () => {
    const long = { ...instruction, data: new Uint8Array(300).fill(7) };
    const { messageBytes } = getTransactionDecoder().decode(signTransaction(payer, [long], BLOCKHASH));
    expect(getCompiledTransactionMessageDecoder().decode(messageBytes)).toMatchObject({
      instructions: [{ data: long.data }],
    });
  });

  test('refuses an instruction that another key must sign', () => {
    const foreign = {
      ...instruction,
      accounts: [{ address: SYSTEM_PROGRAM, isSigner: true, isWritable: false }],
    };
    expect(() => signTransaction(payer, [foreign], BLOCKHASH)).toThrow('cannot sign');
  });
});
