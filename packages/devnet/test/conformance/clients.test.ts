import { createRequire } from 'node:module';
import {
  appendTransactionMessageInstruction,
  assertIsTransactionWithBlockhashLifetime,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../../test/support/requires.ts';
import { transfer } from '../support/client.ts';
import { ask, type Cluster, eventually, openCluster } from './cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
}, 60_000);
afterAll(() => cluster?.devnet?.stop());

test('@solana/kit sends and confirms', async () => {
  const { payer } = cluster;
  const recipient = await generateKeyPairSigner();
  const rpc = createSolanaRpc(cluster.url);
  const rpcSubscriptions = createSolanaRpcSubscriptions(cluster.wsUrl);
  const { value: blockhash } = await rpc.getLatestBlockhash({ commitment: 'confirmed' }).send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (draft) => setTransactionMessageFeePayerSigner(payer, draft),
    (draft) => setTransactionMessageLifetimeUsingBlockhash(blockhash, draft),
    (draft) => appendTransactionMessageInstruction(transfer(payer, recipient.address, 1_000_000n), draft),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  assertIsTransactionWithBlockhashLifetime(transaction);
  const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions } as never);
  await sendAndConfirm(transaction, { commitment: 'confirmed' });
  const { value } = await rpc.getBalance(recipient.address, { commitment: 'confirmed' }).send();
  expect(value).toBe(1_000_000n);
});

/** As much of web3.js v1 as is used here. */
interface Web3 {
  Keypair: { generate(): Keypair; fromSecretKey(bytes: Uint8Array): Keypair };
  Connection: new (url: string, commitment: string) => Connection;
  Transaction: new () => { add(instruction: unknown): unknown };
  SystemProgram: { transfer(of: { fromPubkey: unknown; toPubkey: unknown; lamports: number }): unknown };
  sendAndConfirmTransaction(on: Connection, transaction: unknown, signers: Keypair[]): Promise<string>;
}
interface Keypair {
  readonly publicKey: { toBase58(): string };
}
interface Connection {
  getBalance(key: unknown): Promise<number>;
  getLatestBlockhash(): Promise<{ blockhash: string; lastValidBlockHeight: number }>;
  getParsedTransaction(signature: string, options: object): Promise<{ meta: { err: unknown } } | null>;
  requestAirdrop(to: unknown, lamports: number): Promise<string>;
  confirmTransaction(strategy: object, commitment: string): Promise<{ value: { err: unknown } }>;
  onAccountChange(key: unknown, told: (account: { lamports: number }) => void): number;
  onSlotChange(told: (slot: { slot: number }) => void): number;
  removeAccountChangeListener(id: number): Promise<void>;
  removeSlotChangeListener(id: number): Promise<void>;
  simulateTransaction(transaction: unknown, signers: Keypair[]): Promise<{ value: { err: unknown } }>;
}

describeWith({ needs: 'SDKs' })('web3.js v1, which looks for its socket on the next port', (path) => {
  const web3 = createRequire(import.meta.url)(path) as Web3;

  async function fundedPair() {
    const pair = web3.Keypair.generate();
    const connection = new web3.Connection(cluster.url, 'confirmed');
    const signature = await connection.requestAirdrop(pair.publicKey, 1_000_000_000);
    const latest = await connection.getLatestBlockhash();
    const { value } = await connection.confirmTransaction({ signature, ...latest }, 'confirmed');
    expect(value.err).toBeNull();
    return { pair, connection };
  }

  const transferOf = (from: Keypair, to: Keypair, lamports: number) =>
    new web3.Transaction().add(
      web3.SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to.publicKey, lamports }),
    );

  test('sends a transaction, confirms it over a socket, and reads it back', async () => {
    const { pair, connection } = await fundedPair();
    const recipient = web3.Keypair.generate();
    const signature = await web3.sendAndConfirmTransaction(
      connection,
      transferOf(pair, recipient, 1_000_000),
      [pair],
    );
    expect(await connection.getBalance(recipient.publicKey)).toBe(1_000_000);
    const options = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
    expect((await connection.getParsedTransaction(signature, options))?.meta.err).toBeNull();
  });

  test('gets the error of a transfer beyond the balance', async () => {
    const { pair, connection } = await fundedPair();
    const tooMuch = transferOf(pair, web3.Keypair.generate(), 5_000_000_000);
    await expect(web3.sendAndConfirmTransaction(connection, tooMuch, [pair])).rejects.toThrow(
      'custom program error: 0x1',
    );
    const { value } = await connection.simulateTransaction(transferOf(pair, pair, 1), [pair]);
    expect(value.err).toBeNull();
  });

  test('gets notifications of accounts and slots', async () => {
    const { pair, connection } = await fundedPair();
    const recipient = web3.Keypair.generate();
    const heard: { lamports?: number; slot?: number } = {};
    const accounts = connection.onAccountChange(recipient.publicKey, ({ lamports }) => {
      heard.lamports = lamports;
    });
    const slots = connection.onSlotChange(({ slot }) => {
      heard.slot = slot;
    });
    await eventually('a slot', async () => heard.slot);
    await web3.sendAndConfirmTransaction(connection, transferOf(pair, recipient, 1_000_000), [pair]);
    expect(await eventually('the account', async () => heard.lamports)).toBe(1_000_000);
    await Promise.all([
      connection.removeAccountChangeListener(accounts),
      connection.removeSlotChangeListener(slots),
    ]);
    expect((await ask(cluster.url, 'getHealth')).result).toBe('ok');
  });
});
