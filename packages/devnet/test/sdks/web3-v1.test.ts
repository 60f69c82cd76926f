import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { describeWith } from '../../../../test/support/requires.ts';
import { call } from '../support/client.ts';
import { type LocalChain, load, SOL, startLocalChain, USDC } from './local-chain.ts';

/** Passes frames on between a client and the chain, and keeps those of the client. */
async function startProxy(wsUrl: string) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const sent: string[] = [];
  server.on('connection', (client) => {
    const upstream = new WebSocket(wsUrl);
    const opened = once(upstream, 'open');
    client.on('message', async (data) => {
      sent.push(String(data));
      await opened;
      upstream.send(String(data));
    });
    upstream.on('message', (data) => client.send(String(data)));
    client.on('close', () => upstream.close());
  });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = () => {
    for (const client of server.clients) client.terminate();
    server.close();
  };
  return { url: `ws://127.0.0.1:${port}`, sent, close };
}

describeWith({ needs: 'SDKs' })('web3.js v1 and @solana/spl-token', () => {
  const web3 = load('@solana/web3.js');
  const spl = load('@solana/spl-token');
  const payer = web3.Keypair.generate();

  let chain: LocalChain;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  // biome-ignore lint/suspicious/noExplicitAny: the client's own type
  let connection: any;
  let landed: { signature: string; slot: number };
  beforeAll(async () => {
    chain = await startLocalChain({ slotMs: 200 });
    proxy = await startProxy(chain.wsUrl);
    connection = new web3.Connection(chain.url, { commitment: 'confirmed', wsEndpoint: proxy.url });
    await chain.fund(payer.publicKey.toBase58());
    landed = await transfer();
  });
  afterAll(async () => {
    proxy?.close();
    await chain?.stop();
  });

  async function transfer() {
    const toPubkey = web3.Keypair.generate().publicKey;
    const move = web3.SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports: 1_000_000 });
    const transaction = new web3.Transaction().add(move);
    const signature = await web3.sendAndConfirmTransaction(connection, transaction, [payer]);
    const { slot } = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    return { signature, slot };
  }

  test('every subscription works, with one request each', async () => {
    const heard = new Set<string>();
    const note = (kind: string) => () => heard.add(kind);
    const before = proxy.sent.length;
    connection.onSlotChange(note('slot'));
    connection.onSlotUpdate(note('slotUpdate'));
    connection.onRootChange(note('root'));
    connection.onLogs('all', note('logs'));
    connection.onAccountChange(payer.publicKey, note('account'));
    connection.onProgramAccountChange(web3.SystemProgram.programId, note('program'));
    await transfer();
    await vi.waitUntil(() => heard.size === 6, 10_000);
    await sleep(500);
    const requests = proxy.sent.slice(before).map((text) => JSON.parse(text).method);
    // One for each, and one to hear of the transfer's signature.
    expect(requests.filter((method) => method.endsWith('Subscribe')).sort()).toEqual([
      'accountSubscribe',
      'logsSubscribe',
      'programSubscribe',
      'rootSubscribe',
      'signatureSubscribe',
      'slotSubscribe',
      'slotsUpdatesSubscribe',
    ]);
  });

  test('the receipt of a signature comes first, for clients that ask for it', async () => {
    const { blockhash } = await connection.getLatestBlockhash();
    const transaction = new web3.Transaction({ recentBlockhash: blockhash, feePayer: payer.publicKey });
    const toPubkey = web3.Keypair.generate().publicKey;
    transaction.add(
      web3.SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports: 2_000_000 }),
    );
    transaction.sign(payer);
    const signature = load('bs58').encode(transaction.signature);
    const types: string[] = [];
    connection.onSignatureWithOptions(signature, ({ type }: { type: string }) => types.push(type), {
      commitment: 'confirmed',
      enableReceivedNotification: true,
    });
    await vi.waitUntil(() => proxy.sent.some((text) => text.includes(signature)), 10_000);
    await sleep(100);
    await connection.sendRawTransaction(transaction.serialize());
    await vi.waitUntil(() => types.length > 0, 10_000);
    // The client listens no longer after whatever it hears first.
    expect(types).toEqual(['received']);
  });

  test('it reads blocks in every encoding', async () => {
    const { slot, signature } = landed;
    const versions = { maxSupportedTransactionVersion: 0 };
    const whole = await connection.getBlock(slot, versions);
    expect(
      whole.transactions.map(
        ({ transaction }: { transaction: { signatures: string[] } }) => transaction.signatures[0],
      ),
    ).toEqual([signature]);
    const accounts = await connection.getBlock(slot, { ...versions, transactionDetails: 'accounts' });
    expect(accounts.transactions[0].transaction.accountKeys[0]).toMatchObject({
      signer: true,
      writable: true,
    });
    const none = await connection.getBlock(slot, { ...versions, transactionDetails: 'none', rewards: false });
    expect(none.blockhash).toBe(whole.blockhash);
    const parsed = await connection.getParsedBlock(slot, versions);
    expect(parsed.transactions[0].meta.err).toBeNull();
    expect((await connection.getBlockSignatures(slot)).signatures).toEqual([signature]);
    expect(await connection.getBlocks(slot, slot)).toEqual([slot]);
    expect(await connection.getBlockTime(slot)).toBe(whole.blockTime);
    await expect(connection.getBlock(slot + 1_000_000, versions)).rejects.toMatchObject({ code: -32_004 });
  });

  test("it reads the cluster's nodes, leaders, supply and holders", async () => {
    const [node] = await connection.getClusterNodes();
    expect(node.rpc).toBe(new URL(chain.url).host);
    expect(await connection.getSlotLeader()).toBe(node.pubkey);
    const slot = await connection.getSlot();
    expect((await connection.getSlotLeaders(slot, 2)).map(String)).toEqual([node.pubkey, node.pubkey]);
    expect((await connection.getEpochInfo()).transactionCount).toBeGreaterThan(0);
    expect(await connection.getTransactionCount()).toBeGreaterThan(0);
    expect(await connection.getMinimumLedgerSlot()).toBeLessThan(slot);
    expect(await connection.getRecentPerformanceSamples(1)).toEqual(expect.any(Array));
    expect(
      (await connection.getSupply({ excludeNonCirculatingAccountsList: true })).value.nonCirculating,
    ).toBe(0);
    expect((await connection.getLargestAccounts()).value).toHaveLength(20);
    const { value: holders } = await connection.getTokenLargestAccounts(new web3.PublicKey(USDC));
    expect(holders[0].uiAmount).toBeGreaterThan(0);
    await expect(connection.getVoteAccounts()).rejects.toThrow('this chain has no votes and no stakes');
  });

  test('spl-token creates a mint with extensions, and both libraries read it alike', async () => {
    const mint = web3.Keypair.generate();
    const types = [spl.ExtensionType.TransferFeeConfig, spl.ExtensionType.MintCloseAuthority];
    const space = spl.getMintLen(types);
    const owner = payer.publicKey;
    const program = spl.TOKEN_2022_PROGRAM_ID;
    const create = new web3.Transaction().add(
      web3.SystemProgram.createAccount({
        fromPubkey: owner,
        newAccountPubkey: mint.publicKey,
        space,
        lamports: await connection.getMinimumBalanceForRentExemption(space),
        programId: program,
      }),
      spl.createInitializeMintCloseAuthorityInstruction(mint.publicKey, owner, program),
      spl.createInitializeTransferFeeConfigInstruction(mint.publicKey, owner, owner, 50, 1_000n, program),
      spl.createInitializeMintInstruction(mint.publicKey, 2, owner, null, program),
    );
    await web3.sendAndConfirmTransaction(connection, create, [payer, mint]);
    const account = await spl.createAssociatedTokenAccount(
      connection,
      payer,
      mint.publicKey,
      owner,
      {},
      program,
    );
    await spl.mintTo(connection, payer, mint.publicKey, account, owner, 12_345n, [], {}, program);

    const read = await spl.getMint(connection, mint.publicKey, 'confirmed', program);
    const fee = spl.getTransferFeeConfig(read);
    const { value } = await connection.getParsedAccountInfo(mint.publicKey);
    const shown = value.data.parsed.info;
    expect(shown.supply).toBe(String(read.supply));
    expect(shown.extensions).toEqual([
      { extension: 'mintCloseAuthority', state: { closeAuthority: owner.toBase58() } },
      {
        extension: 'transferFeeConfig',
        state: {
          transferFeeConfigAuthority: fee.transferFeeConfigAuthority.toBase58(),
          withdrawWithheldAuthority: fee.withdrawWithheldAuthority.toBase58(),
          withheldAmount: Number(fee.withheldAmount),
          olderTransferFee: shownFee(fee.olderTransferFee),
          newerTransferFee: shownFee(fee.newerTransferFee),
        },
      },
    ]);
    const held = await connection.getParsedTokenAccountsByOwner(owner, { mint: mint.publicKey });
    const { info } = held.value[0].account.data.parsed;
    expect(info.tokenAmount.amount).toBe('12345');
    expect(info.extensions).toContainEqual({ extension: 'immutableOwner' });
    expect(info.extensions).toContainEqual({ extension: 'transferFeeAmount', state: { withheldAmount: 0 } });
  });

  const shownFee = (fee: { epoch: bigint; maximumFee: bigint; transferFeeBasisPoints: number }) => ({
    epoch: Number(fee.epoch),
    maximumFee: Number(fee.maximumFee),
    transferFeeBasisPoints: fee.transferFeeBasisPoints,
  });

  test.each(['interest', 'a multiplier'])(
    'amounts are shown with %s as spl-token shows them',
    async (kind) => {
      const mint = web3.Keypair.generate();
      const owner = payer.publicKey;
      const program = spl.TOKEN_2022_PROGRAM_ID;
      const isInterest = kind === 'interest';
      const type = isInterest
        ? spl.ExtensionType.InterestBearingConfig
        : spl.ExtensionType.ScaledUiAmountConfig;
      const space = spl.getMintLen([type]);
      const scale = isInterest
        ? spl.createInitializeInterestBearingMintInstruction(mint.publicKey, owner, 32_000, program)
        : spl.createInitializeScaledUiAmountConfigInstruction(mint.publicKey, owner, 1.37, program);
      const create = new web3.Transaction().add(
        web3.SystemProgram.createAccount({
          fromPubkey: owner,
          newAccountPubkey: mint.publicKey,
          space,
          lamports: await connection.getMinimumBalanceForRentExemption(space),
          programId: program,
        }),
        scale,
        spl.createInitializeMintInstruction(mint.publicKey, 6, owner, null, program),
      );
      await web3.sendAndConfirmTransaction(connection, create, [payer, mint]);
      const account = await spl.createAssociatedTokenAccount(
        connection,
        payer,
        mint.publicKey,
        owner,
        {},
        program,
      );
      const amount = 123_456_789_012_345n;
      await spl.mintTo(connection, payer, mint.publicKey, account, owner, amount, [], {}, program);
      // Interest is counted in whole seconds of the chain's clock.
      const minted = await connection.getBlockTime(await connection.getSlot());
      await vi.waitFor(
        async () => expect(await connection.getBlockTime(await connection.getSlot())).toBeGreaterThan(minted),
        { timeout: 20_000, interval: 100 },
      );
      const { value } = await connection.getTokenAccountBalance(account);
      const { context, value: supply } = await connection.getTokenSupply(mint.publicKey);
      const now = await connection.getBlockTime(context.slot);
      const read = await spl.getMint(connection, mint.publicKey, 'confirmed', program);
      const interest = spl.getInterestBearingMintConfigState(read);
      // A multiplier is asked of the program itself; interest grows while one asks.
      const shown = isInterest
        ? spl.amountToUiAmountForInterestBearingMintWithoutSimulation(
            amount,
            6,
            now,
            Number(interest.lastUpdateTimestamp),
            Number(interest.initializationTimestamp),
            interest.preUpdateAverageRate,
            interest.currentRate,
          )
        : await spl.amountToUiAmount(connection, payer, mint.publicKey, amount, program);
      expect(supply.uiAmountString).toBe(shown);
      expect(supply.uiAmount).toBe(Number(shown));
      expect(value.amount).toBe(String(amount));
      expect(value.uiAmount).toBeGreaterThan(Number(amount) / 1e6);
    },
  );

  test('spl-token delegates, and the delegate finds the account', async () => {
    const account = await spl.getOrCreateAssociatedTokenAccount(
      connection,
      payer,
      new web3.PublicKey(SOL),
      payer.publicKey,
    );
    const delegate = web3.Keypair.generate().publicKey;
    await spl.approve(connection, payer, account.address, delegate, payer, 5n);
    const options = { encoding: 'jsonParsed', commitment: 'confirmed' };
    const params = [delegate.toBase58(), { mint: SOL }, options];
    const { result } = await call(chain, 'getTokenAccountsByDelegate', params);
    expect(result.value[0].pubkey).toBe(account.address.toBase58());
    expect(result.value[0].account.data.parsed.info.delegatedAmount.amount).toBe('5');
  });
});
