import {
  type Address,
  airdropFactory,
  appendTransactionMessageInstruction,
  assertIsTransactionWithBlockhashLifetime,
  createSolanaRpcSubscriptions_UNSTABLE,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  getTransactionDecoder,
  lamports,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransaction,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Devnet, startDevnet } from '../src/index.ts';
import {
  fundedSigner,
  post,
  rpcOf,
  send,
  signed,
  statusOf,
  subscriptionsOf,
  transfer,
} from './support/client.ts';

const SYSTEM = '11111111111111111111111111111111' as Address;
const SOL = 'So11111111111111111111111111111111111111112' as Address;
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' as Address;

let devnet: Devnet;

beforeAll(async () => {
  devnet = await startDevnet({ port: 0, slotMs: 20, market: 'none', onWarning: () => {} });
});
afterAll(() => devnet.stop());

const first = async <T>(stream: AsyncIterable<T>) => {
  for await (const value of stream) return value;
  throw new Error('the stream ended');
};

/** What a program written against @solana/kit does for mainnet; nothing here knows of this devnet. */
async function prepareTransfer(amount: bigint) {
  const rpc = rpcOf(devnet);
  const payer = await fundedSigner(devnet, 10_000_000_000n);
  const recipient = await generateKeyPairSigner();
  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (draft) => setTransactionMessageFeePayerSigner(payer, draft),
    (draft) => setTransactionMessageLifetimeUsingBlockhash(blockhash, draft),
    (draft) => appendTransactionMessageInstruction(transfer(payer, recipient.address, amount), draft),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  assertIsTransactionWithBlockhashLifetime(transaction);
  return { rpc, payer, recipient, transaction };
}

describe('an unmodified @solana/kit client', () => {
  test.each(['processed', 'confirmed', 'finalized'] as const)(
    'sends and confirms at %s',
    async (commitment) => {
      const { rpc, payer, recipient, transaction } = await prepareTransfer(1_000_000_000n);
      const sendAndConfirm = sendAndConfirmTransactionFactory({
        rpc,
        rpcSubscriptions: subscriptionsOf(devnet),
      } as never);

      await sendAndConfirm(transaction, { commitment });

      const { value } = await rpc.getBalance(recipient.address, { commitment }).send();
      expect(value).toBe(1_000_000_000n);
      const { value: left } = await rpc.getBalance(payer.address, { commitment }).send();
      expect(left).toBe(10_000_000_000n - 1_000_000_000n - 5_000n);
    },
  );

  test('gets the error of a transfer beyond the balance', async () => {
    const { rpc, transaction } = await prepareTransfer(20_000_000_000n);
    const sendAndConfirm = sendAndConfirmTransactionFactory({
      rpc,
      rpcSubscriptions: subscriptionsOf(devnet),
    } as never);

    const failure = await sendAndConfirm(transaction, { commitment: 'confirmed' }).catch((error) => error);

    expect(failure.context.__code).toBe(-32002);
    expect(String(failure.cause)).toContain('Custom program error: #1');
  });

  test('reads the transaction that it sent', async () => {
    const { rpc, recipient, transaction } = await prepareTransfer(2_000_000_000n);
    const sendAndConfirm = sendAndConfirmTransactionFactory({
      rpc,
      rpcSubscriptions: subscriptionsOf(devnet),
    } as never);
    await sendAndConfirm(transaction, { commitment: 'confirmed' });
    const signature = getSignatureFromTransaction(transaction);

    const found = await rpc
      .getTransaction(signature, {
        commitment: 'confirmed',
        encoding: 'json',
        maxSupportedTransactionVersion: 0,
      })
      .send();

    expect(found?.meta?.err).toBeNull();
    expect(found?.meta?.fee).toBe(5_000n);
    const index = found!.transaction.message.accountKeys.indexOf(recipient.address);
    expect(found!.meta!.postBalances[index]).toBe(2_000_000_000n);
  });

  test('gets an airdrop', async () => {
    const rpc = rpcOf(devnet);
    const { address } = await generateKeyPairSigner();
    const airdrop = airdropFactory({ rpc, rpcSubscriptions: subscriptionsOf(devnet) } as never);

    await airdrop({
      commitment: 'confirmed',
      lamports: lamports(3_000_000_000n),
      recipientAddress: address,
    });

    const { value } = await rpc.getBalance(address, { commitment: 'confirmed' }).send();
    expect(value).toBe(3_000_000_000n);
  });

  test('gets notifications of accounts, slots and logs', async () => {
    const rpc = rpcOf(devnet);
    const payer = await fundedSigner(devnet);
    const { address } = await generateKeyPairSigner();
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    const subscriptions = subscriptionsOf(devnet);
    const accounts = await subscriptions
      .accountNotifications(address, { commitment: 'confirmed', encoding: 'base64' })
      .subscribe(options);
    const logs = await subscriptions
      .logsNotifications({ mentions: [address] }, { commitment: 'confirmed' })
      .subscribe(options);
    const slots = await subscriptions.slotNotifications().subscribe(options);
    const sent = await signed(devnet, payer, [transfer(payer, address, 5_000_000n)]);
    await send(devnet, sent.base64);

    const [account, log, slot] = await Promise.all([first(accounts), first(logs), first(slots)]);
    abort.abort();

    expect(account.value.lamports).toBe(5_000_000n);
    expect(log.value.signature).toBe(sent.signature);
    expect(log.value.logs).toContain('Program 11111111111111111111111111111111 success');
    expect(slot.slot).toBeGreaterThan(slot.root);
    expect(await rpc.getHealth().send()).toBe('ok');
  });

  test('reads blocks, supply and holders', async () => {
    const { rpc, recipient, transaction } = await prepareTransfer(2_000_000_000n);
    const sendAndConfirm = sendAndConfirmTransactionFactory({
      rpc,
      rpcSubscriptions: subscriptionsOf(devnet),
    } as never);
    await sendAndConfirm(transaction, { commitment: 'confirmed' });
    const signature = getSignatureFromTransaction(transaction);
    const found = await rpc.getSignaturesForAddress(recipient.address, { commitment: 'confirmed' }).send();
    const { slot } = found[0]!;
    const options = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 } as const;

    const block = await rpc.getBlock(slot, { ...options, encoding: 'json' }).send();
    expect(block?.transactions.map((one) => one.transaction.signatures[0])).toContain(signature);
    expect(await rpc.getBlocks(slot, slot, { commitment: 'confirmed' }).send()).toEqual([slot]);

    const { value: supply } = await rpc.getSupply().send();
    const { value: largest } = await rpc.getLargestAccounts().send();
    expect(supply.total).toBeGreaterThan(largest[0]!.lamports);
    const { value: holders } = await rpc.getTokenLargestAccounts(USDC).send();
    expect(BigInt(holders[0]!.amount)).toBeGreaterThan(BigInt(holders.at(-1)!.amount));
    const { identity } = await rpc.getIdentity().send();
    expect((await rpc.getClusterNodes().send()).map(({ pubkey }) => pubkey)).toContain(identity);
  });

  test('gets notifications of programs, whole blocks and the stages of a slot', async () => {
    const payer = await fundedSigner(devnet);
    const { address } = await generateKeyPairSigner();
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    const subscriptions = createSolanaRpcSubscriptions_UNSTABLE(devnet.wsUrl);
    const accounts = await subscriptions
      .programNotifications(SYSTEM, { commitment: 'confirmed', encoding: 'base64' })
      .subscribe(options);
    const blocks = await subscriptions
      .blockNotifications(
        { mentionsAccountOrProgram: address },
        { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 },
      )
      .subscribe(options);
    const updates = await subscriptions.slotsUpdatesNotifications().subscribe(options);
    const sent = await signed(devnet, payer, [transfer(payer, address, 5_000_000n)]);
    await send(devnet, sent.base64);

    const [account, block, update] = await Promise.all([first(accounts), first(blocks), first(updates)]);
    abort.abort();

    expect(account.value.account.owner).toBe(SYSTEM);
    expect(block.value.block?.transactions).toHaveLength(1);
    expect(update.type).toBe('firstShredReceived');
  });

  test('signs and sends a transaction of the first version of the swap API', async () => {
    const rpc = rpcOf(devnet);
    const payer = await fundedSigner(devnet);
    const query = new URLSearchParams({ inputMint: SOL, outputMint: USDC, amount: '1000000000' });
    const quoteResponse = await (await fetch(`${devnet.url}/swap/v1/quote?${query}`)).json();
    const wanted = { userPublicKey: payer.address, quoteResponse, dynamicComputeUnitLimit: true };
    const { status, body } = await post(devnet, '/swap/v1/swap', wanted);
    expect(status).toBe(200);
    const { swapTransaction } = body as { swapTransaction: string };
    const unsigned = getTransactionDecoder().decode(Buffer.from(swapTransaction, 'base64'));
    const transaction = await signTransaction([payer.keyPair], unsigned);
    const signature = await rpc
      .sendTransaction(getBase64EncodedWireTransaction(transaction), {
        encoding: 'base64',
        skipPreflight: true,
      })
      .send();
    await expect.poll(async () => (await statusOf(devnet, signature))?.err).toBeNull();
    const { value } = await rpc
      .getTokenAccountsByOwner(
        payer.address,
        { mint: USDC },
        { commitment: 'processed', encoding: 'jsonParsed' },
      )
      .send();
    const { tokenAmount } = value[0]!.account.data.parsed.info;
    expect(tokenAmount.amount).toBe((quoteResponse as { outAmount: string }).outAmount);
  });
});
