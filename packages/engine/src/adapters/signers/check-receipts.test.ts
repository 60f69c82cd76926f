import { encodeBase58 } from '@oee/amm';
import { createAddressWithSeed } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import { toOrderId } from '../../domain/order.ts';
import type { Receipt } from '../../domain/receipt.ts';
import type { Instruction } from '../../ports/chain.ts';
import type { ReceiptPolicy } from '../../ports/signer.ts';
import { closeReceipt, createReceipt } from '../solana/instructions.ts';
import { compileMessage } from '../solana/message-encoder.ts';
import { generateSecretKey } from './ed25519-key.ts';
import { createKeypairSigner } from './keypair-signer.ts';

const SYSTEM_PROGRAM = '11111111111111111111111111111111';
const signer = createKeypairSigner({ secretKey: generateSecretKey(), inspectors: [] });
const ME = signer.address;
const any = (seed: number) => encodeBase58(new Uint8Array(32).fill(seed));
const THIEF = any(7);

const receiptOf = async (letter: string, lamports = 890_880n): Promise<Receipt> => {
  const seed = letter.repeat(32);
  const address = await createAddressWithSeed({
    baseAddress: ME as never,
    programAddress: SYSTEM_PROGRAM as never,
    seed,
  });
  return { address, seed, lamports };
};
const MINE = await receiptOf('a');
const OTHER = await receiptOf('b');
const CREATE: ReceiptPolicy = { action: 'create', receipt: MINE };
const CLOSE: ReceiptPolicy = { action: 'close', receipts: [MINE, OTHER] };

const compile = (instructions: readonly Instruction[]) =>
  compileMessage({
    payer: ME,
    instructions,
    blockhash: any(99),
    computeUnitLimit: 10_000,
    computeUnitPriceMicroLamports: 1_000n,
    memo: 'order/cancel',
  });

const creation = createReceipt(ME, MINE);
const closing = closeReceipt(ME, MINE);

/** The instruction with other bytes from an offset on, or other accounts. */
function changed(instruction: Instruction, at: number, bytes: Uint8Array): Instruction {
  const data = Buffer.from(instruction.data);
  data.set(bytes, at);
  return { ...instruction, data };
}
const withAccount = (instruction: Instruction, index: number, address: string): Instruction => ({
  ...instruction,
  accounts: instruction.accounts.map((use, at) => (at === index ? { ...use, address } : use)),
});
const u64 = (value: bigint) => Buffer.from(new BigUint64Array([value]).buffer);

describe('signs', () => {
  test('the creation of the requested receipt, and the closing of several', async () => {
    await expect(signer.signReceipts(compile([creation]), CREATE)).resolves.toBeDefined();
    const both = compile([closing, closeReceipt(ME, OTHER)]);
    await expect(signer.signReceipts(both, CLOSE)).resolves.toBeDefined();
  });

  test('the closing of a receipt that holds more than its rent: all of it comes back', async () => {
    const rich = compile([closeReceipt(ME, { ...MINE, lamports: 5_000_000_000n })]);
    await expect(signer.signReceipts(rich, CLOSE)).resolves.toBeDefined();
  });
});

const payment: Instruction = {
  programAddress: '11111111111111111111111111111111',
  accounts: [
    { address: ME, signer: true, writable: true },
    { address: THIEF, signer: false, writable: true },
  ],
  data: Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), // Transfer of one lamport.
};
const system = Buffer.alloc(32);
const tampered: Record<string, [string, readonly Instruction[], ReceiptPolicy]> = {
  'a message without a receipt': ['neither creates nor closes', [], CREATE],
  'a creation beside something else': ['more than to create', [creation, payment], CREATE],
  'a transfer in place of a creation': ['does not create its receipt', [payment], CREATE],
  'another receipt': ['another seed', [createReceipt(ME, OTHER)], CREATE],
  'a receipt of another wallet': ['another wallet', [changed(creation, 4, Buffer.alloc(32, 7))], CREATE],
  'a receipt with more rent than asked for': [
    'costs too much',
    [changed(creation, 76, u64(890_881n))],
    CREATE,
  ],
  'a receipt that costs a fortune, though it was asked for': [
    'costs too much',
    [createReceipt(ME, { ...MINE, lamports: 3_000_000n })],
    { action: 'create', receipt: { ...MINE, lamports: 3_000_000n } },
  ],
  'a receipt with data': ['holds data', [changed(creation, 84, u64(1n))], CREATE],
  'a receipt that a program owns': [
    'belongs to a program',
    [changed(creation, 92, Buffer.alloc(32, 9))],
    CREATE,
  ],
  'a receipt at another address': ['another address', [withAccount(creation, 1, THIEF)], CREATE],
  'a receipt whose stated address is not derived': [
    'another address',
    [withAccount(creation, 1, THIEF)],
    { action: 'create', receipt: { ...MINE, address: THIEF } },
  ],
  'a seed of another length': ['not of the known length', [changed(creation, 36, u64(31n))], CREATE],
  'a closing whose rent goes elsewhere': ['leaves the wallet', [withAccount(closing, 2, THIEF)], CLOSE],
  'a closing of a receipt that was not named': [
    'not told to',
    [closeReceipt(ME, OTHER)],
    { action: 'close', receipts: [MINE] },
  ],
  'a closing that takes from elsewhere': ['not told to', [withAccount(closing, 0, THIEF)], CLOSE],
  'a closing under another owner program': [
    'belongs to a program',
    [changed(closing, 52, Buffer.alloc(32, 9))],
    CLOSE,
  ],
  'a closing beside a payment': ['closes no receipt', [closing, payment], CLOSE],
  'a creation where closings were asked for': ['closes no receipt', [creation], CLOSE],
  'an instruction of a program': ['closes no receipt', [{ ...closing, programAddress: any(8) }], CLOSE],
};

describe('refuses', () => {
  test.each(Object.entries(tampered))('%s', async (_, [problem, instructions, policy]) => {
    await expect(signer.signReceipts(compile(instructions), policy)).rejects.toMatchObject({
      name: 'PolicyRefused',
      message: expect.stringContaining(problem),
    });
  });

  test('a message that reads accounts from a lookup table', async () => {
    const filler = Array.from({ length: 40 }, (_, index) => ({
      address: any(100 + index),
      signer: false,
      writable: false,
    }));
    const long = { ...creation, accounts: [...creation.accounts, ...filler] };
    const message = compileMessage({
      payer: ME,
      instructions: [long],
      blockhash: any(99),
      computeUnitLimit: 10_000,
      computeUnitPriceMicroLamports: 0n,
      memo: 'order/cancel',
      lookupTables: [{ address: any(77), addresses: filler.map(({ address }) => address) }],
    });
    await expect(signer.signReceipts(message, CREATE)).rejects.toThrow('lookup tables');
  });

  test('every creation with one changed byte in its instruction data', async () => {
    const message = compile([creation]);
    const data = Buffer.from(creation.data);
    const start = Buffer.from(message).indexOf(data);
    expect(data.subarray(92).equals(system)).toBe(true);
    for (let at = start; at < start + data.length; at += 1) {
      const copy = Uint8Array.from(message);
      copy[at] = (copy[at] as number) ^ 1;
      await expect(signer.signReceipts(copy, CREATE)).rejects.toThrow('not signed');
    }
  });
});

describe('the seed of a receipt', () => {
  const secretKey = generateSecretKey();
  const seedBy = (options: Partial<Parameters<typeof createKeypairSigner>[0]>) =>
    createKeypairSigner({ secretKey, inspectors: [], ...options }).receiptSeed(toOrderId('order'));

  test('is the same in every process with the same key, and in every process with the same secret', async () => {
    expect(await seedBy({})).toBe(await seedBy({}));
    expect(await seedBy({ secretKey: generateSecretKey() })).not.toBe(await seedBy({}));
    const executionSecret = 'a secret that all processes share';
    expect(await seedBy({ executionSecret })).toBe(
      await seedBy({ executionSecret, secretKey: generateSecretKey() }),
    );
    expect(await seedBy({ executionSecret })).not.toBe(await seedBy({}));
  });
});
