import { generateKeyPairSigner, type Instruction, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signed, transfer } from '../support/client.ts';
import { ask, type Cluster, eventually, openCluster, postRaw } from './cluster.ts';
import { mintTokens } from './token-setup.ts';

const NOWHERE = '1nc1nerator11111111111111111111111111111111';
const SYSTEM = '11111111111111111111111111111111';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const number = expect.any(Number);
const string = expect.any(String);
const context = { slot: number, apiVersion: string };
const withContext = (value: unknown) => ({ context: expect.objectContaining(context), value });
const confirmed = { commitment: 'confirmed' };

let cluster: Cluster;
let payer: KeyPairSigner;
let recipient: string;
let mint: string;
let tokenAccount: string;
/** A transfer of a million lamports, with tokens minted beside it. */
let landed: { signature: string; slot: number; base64: string; blockhash: string };

beforeAll(async () => {
  cluster = await openCluster();
  payer = cluster.payer;
  recipient = (await generateKeyPairSigner()).address;
  const { result: rent } = await ask(cluster.url, 'getMinimumBalanceForRentExemption', [82]);
  const tokens = await mintTokens(payer, rent);
  ({ mint, tokenAccount } = tokens);
  const sent = await sign([transfer(payer, recipient as never, 1_000_000n), ...tokens.instructions]);
  await ask(cluster.url, 'sendTransaction', [sent.base64, { encoding: 'base64', skipPreflight: true }]);
  const slot = await eventually('the transfer', async () => {
    const status = await statusOf(sent.signature);
    return status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized'
      ? (status.slot as number)
      : null;
  });
  landed = { ...sent, slot };
}, 60_000);
afterAll(() => cluster?.devnet?.stop());

async function sign(instructions: readonly Instruction[]) {
  const { result } = await ask(cluster.url, 'getLatestBlockhash', [confirmed]);
  const { blockhash } = result.value;
  return { ...(await signed({ url: cluster.url }, payer, instructions, blockhash)), blockhash };
}

async function statusOf(signature: string) {
  const params = [[signature], { searchTransactionHistory: true }];
  return (await ask(cluster.url, 'getSignatureStatuses', params)).result.value[0];
}

const result = async (method: string, ...params: unknown[]) => {
  const answer = await ask(cluster.url, method, params);
  expect(answer.error).toBeUndefined();
  return answer.result;
};
const error = async (method: string, ...params: unknown[]) => (await ask(cluster.url, method, params)).error;

describe('the cluster', () => {
  test.each([
    ['getHealth', [], 'ok'],
    ['getVersion', [], { 'solana-core': string, 'feature-set': number }],
    ['getGenesisHash', [], string],
    ['getSlot', [], number],
    ['getSlot', [confirmed], number],
    ['getBlockHeight', [], number],
    ['getFirstAvailableBlock', [], number],
    ['getMinimumBalanceForRentExemption', [165], number],
  ])('%s answers %j', async (method, params, shape) => {
    expect(await result(method, ...params)).toEqual(shape);
  });

  test('getEpochInfo and getEpochSchedule fit each other', async () => {
    const info = await result('getEpochInfo');
    expect(info).toMatchObject({ absoluteSlot: number, blockHeight: number, epoch: number });
    const schedule = await result('getEpochSchedule');
    expect(schedule).toEqual({
      slotsPerEpoch: number,
      leaderScheduleSlotOffset: number,
      warmup: expect.any(Boolean),
      firstNormalEpoch: number,
      firstNormalSlot: number,
    });
    expect(info.slotIndex).toBeLessThan(info.slotsInEpoch);
    expect(info.absoluteSlot).toBeGreaterThanOrEqual(info.blockHeight);
  });

  test('commitments never overtake each other', async () => {
    const slots = [];
    for (const commitment of ['finalized', 'confirmed', 'processed'])
      slots.push(await result('getSlot', { commitment }));
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
  });

  test('getBlockTime answers seconds, and -32004 for a slot that has not come', async () => {
    expect(await result('getBlockTime', landed.slot)).toBeGreaterThan(1_600_000_000);
    expect((await error('getBlockTime', landed.slot + 5_000_000))?.code).toBe(-32_004);
  });

  test('nodes are known by their identities', async () => {
    const { identity } = await result('getIdentity');
    expect(await result('getSlotLeader')).toEqual(string);
    const slot = await result('getSlot');
    expect(await result('getSlotLeaders', slot, 3)).toEqual([string, string, string]);
    expect((await error('getSlotLeaders', slot, 5_001))?.code).toBe(-32_602);
    expect((await error('getSlotLeaders', slot + 5_000_000, 1))?.code).toBe(-32_602);
    const nodes = await result('getClusterNodes');
    const known = nodes.find(({ pubkey }: { pubkey: string }) => pubkey === identity) ?? nodes[0];
    for (const name of ['gossip', 'tpu', 'rpc', 'pubsub', 'version', 'featureSet', 'shredVersion'])
      expect(known).toHaveProperty([name]);
  });

  test('getTransactionCount equals the count of getEpochInfo, and grows', async () => {
    const before = await result('getTransactionCount', confirmed);
    const { transactionCount } = await result('getEpochInfo', confirmed);
    expect(before).toBeGreaterThan(0);
    expect(transactionCount).toBeGreaterThanOrEqual(before);
  });

  test('getRecentPerformanceSamples gives whole minutes', async () => {
    for (const sample of await result('getRecentPerformanceSamples', 2))
      expect(sample).toEqual({
        slot: number,
        numTransactions: number,
        numNonVoteTransactions: number,
        numSlots: number,
        samplePeriodSecs: 60,
      });
    expect(await error('getRecentPerformanceSamples', 721)).toMatchObject({
      code: -32_602,
      message: 'Invalid limit; max 720',
    });
  });

  test('a method that Agave has and this cluster lacks is -32601', async () => {
    const refused = await error('getVoteAccounts');
    if (refused)
      expect(refused).toMatchObject({ code: -32_601, message: expect.stringMatching(/^Method not found/) });
  });

  test('getRecentPrioritizationFees answers slots and whole micro-lamports', async () => {
    const fees = await result('getRecentPrioritizationFees', [payer.address]);
    expect(fees.length).toBeLessThanOrEqual(150);
    expect(fees[0]).toEqual({ slot: number, prioritizationFee: number });
  });
});

describe('blockhashes', () => {
  test('the latest is valid for about 150 blocks, an unknown one is not', async () => {
    const latest = await result('getLatestBlockhash', confirmed);
    expect(latest).toEqual(withContext({ blockhash: string, lastValidBlockHeight: number }));
    const { blockhash, lastValidBlockHeight } = latest.value;
    const height = await result('getBlockHeight', confirmed);
    expect(Math.abs(lastValidBlockHeight - height - 150)).toBeLessThan(30);
    expect(await result('isBlockhashValid', blockhash, confirmed)).toEqual(withContext(true));
    expect(await result('isBlockhashValid', NOWHERE, confirmed)).toEqual(withContext(false));
  });

  test('getFeeForMessage counts signatures, and answers null for an unknown blockhash', async () => {
    const sent = await sign([transfer(payer, recipient as never, 1n)]);
    const message = Buffer.from(sent.base64, 'base64').subarray(65).toString('base64');
    expect(await result('getFeeForMessage', message, confirmed)).toEqual(withContext(5_000));
    const unknown = await signed({ url: cluster.url }, payer, [], NOWHERE as never);
    const other = Buffer.from(unknown.base64, 'base64').subarray(65).toString('base64');
    expect(await result('getFeeForMessage', other, confirmed)).toEqual(withContext(null));
  });
});

describe('accounts', () => {
  const account = (data: unknown, owner: unknown = string) => ({
    lamports: number,
    data,
    owner,
    executable: false,
    rentEpoch: number,
    space: number,
  });

  test('getBalance', async () => {
    expect(await result('getBalance', recipient, confirmed)).toEqual(withContext(1_000_000));
    const unused = (await generateKeyPairSigner()).address;
    expect(await result('getBalance', unused, confirmed)).toEqual(withContext(0));
  });

  test('getAccountInfo answers in every encoding, and null for an absent account', async () => {
    const encoded = (encoding: string) => result('getAccountInfo', tokenAccount, { ...confirmed, encoding });
    expect(await encoded('base64')).toEqual(withContext(account([string, 'base64'], TOKEN)));
    const { value } = await encoded('base64+zstd');
    expect(value.data[1]).toBe('base64+zstd');
    expect(Buffer.from(value.data[0], 'base64').subarray(0, 4).toString('hex')).toBe('28b52ffd');
    expect(await encoded('jsonParsed')).toEqual(
      withContext(
        account(
          {
            program: 'spl-token',
            parsed: {
              type: 'account',
              info: {
                isNative: false,
                mint,
                owner: payer.address,
                state: 'initialized',
                tokenAmount: { amount: '1234', decimals: 2, uiAmount: 12.34, uiAmountString: '12.34' },
              },
            },
            space: 165,
          },
          TOKEN,
        ),
      ),
    );
    expect(await result('getAccountInfo', recipient, { ...confirmed, encoding: 'base58' })).toEqual(
      withContext(account(['', 'base58'], SYSTEM)),
    );
    const unused = (await generateKeyPairSigner()).address;
    expect(await result('getAccountInfo', unused, confirmed)).toEqual(withContext(null));
  });

  test.each([
    [{ offset: 8 }, 'length'],
    [{ length: 8 }, 'offset'],
  ])('a dataSlice without both fields is refused: %j', async (dataSlice, missing) => {
    const options = { ...confirmed, encoding: 'base64', dataSlice };
    expect(await error('getAccountInfo', tokenAccount, options)).toMatchObject({
      code: -32_602,
      message: expect.stringContaining(`missing field \`${missing}\``),
    });
  });

  test('dataSlice cuts out a part of the data', async () => {
    const options = { ...confirmed, encoding: 'base64', dataSlice: { offset: 64, length: 8 } };
    const { value } = await result('getAccountInfo', tokenAccount, options);
    expect(Buffer.from(value.data[0], 'base64').readBigUInt64LE()).toBe(1_234n);
    expect(value.space).toBe(165);
  });

  test('base58 is refused for more than 128 bytes', async () => {
    const refused = await error('getAccountInfo', tokenAccount, { ...confirmed, encoding: 'base58' });
    expect(refused).toMatchObject({ code: -32_600, message: expect.stringContaining('base 58') });
  });

  test('getMultipleAccounts keeps the order, with null for an absent account', async () => {
    const unused = (await generateKeyPairSigner()).address;
    const list = await result('getMultipleAccounts', [mint, unused, recipient], {
      ...confirmed,
      encoding: 'base64',
    });
    expect(list).toEqual(
      withContext([account([string, 'base64'], TOKEN), null, account(['', 'base64'], SYSTEM)]),
    );
    const tooMany = Array.from({ length: 101 }, () => mint);
    expect(await error('getMultipleAccounts', tooMany)).toMatchObject({
      code: -32_602,
      message: 'Too many inputs provided; max 100',
    });
  });

  test('getProgramAccounts filters by size and by bytes', async () => {
    const filters = [{ dataSize: 165 }, { memcmp: { offset: 0, bytes: mint } }];
    const options = { ...confirmed, encoding: 'base64', filters };
    expect(await result('getProgramAccounts', TOKEN, options)).toEqual([
      { pubkey: tokenAccount, account: account([string, 'base64'], TOKEN) },
    ]);
    const shown = await result('getProgramAccounts', TOKEN, { ...options, withContext: true });
    expect(shown).toEqual(withContext([expect.objectContaining({ pubkey: tokenAccount })]));
  });

  test('tokens: balance, supply, and accounts by owner', async () => {
    const amount = { amount: '1234', decimals: 2, uiAmount: 12.34, uiAmountString: '12.34' };
    expect(await result('getTokenAccountBalance', tokenAccount, confirmed)).toEqual(withContext(amount));
    expect(await result('getTokenSupply', mint, confirmed)).toEqual(withContext(amount));
    const options = { ...confirmed, encoding: 'base64' };
    for (const filter of [{ mint }, { programId: TOKEN }]) {
      const found = await result('getTokenAccountsByOwner', payer.address, filter, options);
      expect(found).toEqual(
        withContext([{ pubkey: tokenAccount, account: account([string, 'base64'], TOKEN) }]),
      );
    }
    expect(await result('getTokenLargestAccounts', mint, confirmed)).toEqual(
      withContext([{ address: tokenAccount, ...amount }]),
    );
    const nobody = (await generateKeyPairSigner()).address;
    const byDelegate = await result('getTokenAccountsByDelegate', nobody, { mint }, options);
    expect(byDelegate).toEqual(withContext([]));
    expect(await error('getTokenAccountBalance', mint, confirmed)).toMatchObject({
      code: -32_602,
      message: 'Invalid param: not a Token account',
    });
  });
});

describe('malformed addresses and signatures', () => {
  test.each([
    ['getAccountInfo', 'abc', 'WrongSize'],
    ['getAccountInfo', '1'.repeat(45), 'WrongSize'],
    ['getAccountInfo', '0'.repeat(44), 'Invalid'],
    ['getTransaction', 'abc', 'WrongSize'],
    ['getTransaction', '1'.repeat(89), 'WrongSize'],
    ['getTransaction', '0'.repeat(88), 'Invalid'],
  ])('%s of %s is %s', async (method, text, fault) => {
    expect(await error(method, text)).toMatchObject({ code: -32_602, message: `Invalid param: ${fault}` });
  });
});

describe('unknown mints', () => {
  test.each([
    ['getTokenLargestAccounts', (mint: string) => [mint, confirmed]],
    ['getTokenAccountsByOwner', (mint: string) => [NOWHERE, { mint }, confirmed]],
    ['getTokenAccountsByDelegate', (mint: string) => [NOWHERE, { mint }, confirmed]],
  ])('are -32602 for %s', async (method, params) => {
    const unused = (await generateKeyPairSigner()).address;
    expect(await error(method, ...params(unused))).toMatchObject({
      code: -32_602,
      message: 'Invalid param: could not find mint',
    });
    expect(await error(method, ...params(tokenAccount))).toMatchObject({
      code: -32_602,
      message: 'Invalid param: Token mint could not be unpacked',
    });
  });
});

describe('sending', () => {
  test('preflight refuses with -32002, the error and the logs', async () => {
    const sent = await sign([transfer(payer, recipient as never, 10n ** 18n)]);
    const options = { encoding: 'base64', preflightCommitment: 'confirmed' };
    expect(await error('sendTransaction', sent.base64, options)).toEqual({
      code: -32_002,
      message: 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
      data: expect.objectContaining({
        err: { InstructionError: [0, { Custom: 1 }] },
        logs: expect.arrayContaining([`Program ${SYSTEM} invoke [1]`]),
        unitsConsumed: number,
      }),
    });
  });

  test('an unknown blockhash and a wrong signature are refused by name', async () => {
    const unknown = await signed({ url: cluster.url }, payer, [], NOWHERE as never);
    expect(await error('sendTransaction', unknown.base64, { encoding: 'base64' })).toMatchObject({
      code: -32_002,
      message: 'Transaction simulation failed: Blockhash not found',
      data: { err: 'BlockhashNotFound' },
    });
    const bytes = Buffer.from((await sign([transfer(payer, recipient as never, 1n)])).base64, 'base64');
    bytes[10]! ^= 1;
    expect(await error('sendTransaction', bytes.toString('base64'), { encoding: 'base64' })).toMatchObject({
      code: -32_003,
      message: 'Transaction signature verification failure',
    });
  });

  test('garbage and oversize are invalid params', async () => {
    for (const bytes of ['AAAA', 'A'.repeat(1_648), '%%%%'])
      expect((await error('sendTransaction', bytes, { encoding: 'base64' }))?.code).toBe(-32_602);
  });

  test('simulateTransaction changes no account, and runs an unsigned transaction with a fresh blockhash', async () => {
    const sent = await sign([transfer(payer, recipient as never, 7n)]);
    const unsigned = Buffer.from(sent.base64, 'base64').fill(0, 1, 65).toString('base64');
    const options = { encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true, ...confirmed };
    const { value } = await result('simulateTransaction', unsigned, options);
    expect(value).toMatchObject({
      err: null,
      logs: [`Program ${SYSTEM} invoke [1]`, `Program ${SYSTEM} success`],
      unitsConsumed: 150,
      loadedAccountsDataSize: number,
      replacementBlockhash: { blockhash: string, lastValidBlockHeight: number },
      returnData: null,
    });
    expect(await error('simulateTransaction', unsigned, { ...options, sigVerify: true })).toMatchObject({
      code: -32_602,
      message: 'sigVerify may not be used with replaceRecentBlockhash',
    });
    expect(await statusOf(sent.signature)).toBeNull();
  });

  test('simulateTransaction shows accounts as they would be after the transaction', async () => {
    const sent = await sign([transfer(payer, recipient as never, 7n)]);
    const accounts = { encoding: 'base64', addresses: [recipient] };
    const options = { encoding: 'base64', accounts, ...confirmed };
    const { value } = await result('simulateTransaction', sent.base64, options);
    expect(value.accounts).toEqual([expect.objectContaining({ lamports: 1_000_007 })]);
  });
});

describe('outcomes', () => {
  test('getSignatureStatuses answers the status of a landed transaction, and null for an unknown one', async () => {
    const statuses = await result('getSignatureStatuses', [landed.signature, '1'.repeat(64)], {
      searchTransactionHistory: true,
    });
    expect(statuses).toEqual(
      withContext([
        {
          slot: landed.slot,
          confirmations: statuses.value[0].confirmations,
          status: { Ok: null },
          err: null,
          confirmationStatus: expect.stringMatching(/^(confirmed|finalized)$/),
        },
        null,
      ]),
    );
    const tooMany = Array.from({ length: 257 }, () => landed.signature);
    expect(await error('getSignatureStatuses', tooMany)).toMatchObject({
      code: -32_602,
      message: 'Too many inputs provided; max 256',
    });
  });

  test('getTransaction has balances, tokens, logs and fees', async () => {
    const options = { ...confirmed, encoding: 'json', maxSupportedTransactionVersion: 0 };
    const found = await result('getTransaction', landed.signature, options);
    expect(found).toMatchObject({
      slot: landed.slot,
      blockTime: number,
      version: 0,
      transaction: {
        signatures: expect.arrayContaining([landed.signature]),
        message: { recentBlockhash: landed.blockhash },
      },
      meta: {
        err: null,
        status: { Ok: null },
        fee: 10_000,
        computeUnitsConsumed: number,
        loadedAddresses: { writable: [], readonly: [] },
        preTokenBalances: [],
        rewards: [],
      },
    });
    const { meta, transaction } = found;
    const keys: string[] = transaction.message.accountKeys;
    expect(meta.postBalances[keys.indexOf(recipient)]).toBe(1_000_000);
    expect(meta.postTokenBalances).toEqual([
      {
        accountIndex: keys.indexOf(tokenAccount),
        mint,
        owner: payer.address,
        programId: TOKEN,
        uiTokenAmount: { amount: '1234', decimals: 2, uiAmount: 12.34, uiAmountString: '12.34' },
      },
    ]);
    expect(meta.logMessages).toContain(`Program ${TOKEN} invoke [1]`);
    expect(meta.innerInstructions[0].instructions[0]).toMatchObject({
      programIdIndex: number,
      accounts: expect.any(Array),
      data: string,
      stackHeight: 2,
    });
  });

  test('getTransaction gives the bytes, and refuses a version that the client does not support', async () => {
    const options = { ...confirmed, encoding: 'base64' };
    const { transaction } = await result('getTransaction', landed.signature, {
      ...options,
      maxSupportedTransactionVersion: 0,
    });
    expect(transaction).toEqual([landed.base64, 'base64']);
    expect((await error('getTransaction', landed.signature, options))?.code).toBe(-32_015);
    expect((await error('getTransaction', landed.signature, { commitment: 'processed' }))?.code).toBe(
      -32_602,
    );
    expect(await result('getTransaction', '1'.repeat(64), options)).toBeNull();
  });

  test('getSignaturesForAddress lists newest first, and pages', async () => {
    expect(await result('getSignaturesForAddress', recipient, confirmed)).toEqual([
      {
        signature: landed.signature,
        slot: landed.slot,
        err: null,
        memo: null,
        blockTime: number,
        confirmationStatus: expect.stringMatching(/^(confirmed|finalized)$/),
      },
    ]);
    const before = { ...confirmed, before: landed.signature };
    expect(await result('getSignaturesForAddress', recipient, before)).toEqual([]);
    expect((await error('getSignaturesForAddress', recipient, { limit: 1_001 }))?.code).toBe(-32_602);
  });
});

describe('blocks', () => {
  const options = { ...confirmed, maxSupportedTransactionVersion: 0 };
  const block = {
    previousBlockhash: string,
    blockhash: string,
    parentSlot: number,
    rewards: expect.any(Array),
    blockTime: number,
    blockHeight: number,
  };
  const find = (list: { transaction: { signatures: string[] } }[]) =>
    list.find(({ transaction }) => transaction.signatures[0] === landed.signature);

  test('getBlock shows the transactions of a slot as getTransaction does', async () => {
    const whole = await result('getBlock', landed.slot, options);
    expect(whole).toEqual({ ...block, transactions: expect.any(Array) });
    const {
      slot: _slot,
      blockTime: _time,
      ...alone
    } = await result('getTransaction', landed.signature, options);
    expect(find(whole.transactions)).toEqual(alone);
    expect(alone.meta.costUnits).toBeGreaterThan(alone.meta.computeUnitsConsumed);
  });

  test('getBlock shows less when asked for less', async () => {
    const shown = (transactionDetails: string) =>
      result('getBlock', landed.slot, { ...options, transactionDetails, rewards: false });
    const { rewards: _, ...bare } = block;
    expect(await shown('none')).toEqual(bare);
    const { signatures, ...rest } = await shown('signatures');
    expect(rest).toEqual(bare);
    expect(signatures).toContain(landed.signature);
    const { transactions } = await shown('accounts');
    expect(find(transactions)).toEqual({
      transaction: {
        signatures: expect.arrayContaining([landed.signature]),
        accountKeys: expect.arrayContaining([
          { pubkey: payer.address, signer: true, source: 'transaction', writable: true },
        ]),
      },
      meta: {
        err: null,
        status: { Ok: null },
        fee: 10_000,
        preBalances: expect.any(Array),
        postBalances: expect.any(Array),
        preTokenBalances: [],
        postTokenBalances: [expect.objectContaining({ mint })],
      },
      version: 0,
    });
  });

  test.each(['json', 'jsonParsed', 'base64', 'base58'])(
    'getBlock encodes transactions as %s',
    async (encoding) => {
      const { transactions } = await result('getBlock', landed.slot, { ...options, encoding });
      const alone = await result('getTransaction', landed.signature, { ...options, encoding });
      const same = transactions.find(
        ({ transaction }: { transaction: unknown }) =>
          JSON.stringify(transaction) === JSON.stringify(alone.transaction),
      );
      expect(same.meta).toEqual(alone.meta);
    },
  );

  test('getBlock refuses a version that the client does not support, and too low a commitment', async () => {
    expect((await error('getBlock', landed.slot, confirmed))?.code).toBe(-32_015);
    expect((await error('getBlock', landed.slot, { commitment: 'processed' }))?.code).toBe(-32_602);
    expect((await error('getBlock', landed.slot, { transactionDetails: 'some' }))?.code).toBe(-32_602);
    expect((await error('getBlock', landed.slot + 5_000_000))?.code).toBe(-32_004);
  });

  test('getBlocks and getBlocksWithLimit list the same slots, parents first', async () => {
    const { parentSlot } = await result('getBlock', landed.slot, { ...options, transactionDetails: 'none' });
    const two = [parentSlot, landed.slot];
    expect(await result('getBlocks', parentSlot, landed.slot, confirmed)).toEqual(two);
    expect(await result('getBlocksWithLimit', parentSlot, 2, confirmed)).toEqual(two);
    expect((await result('getBlocks', parentSlot, confirmed)).slice(0, 2)).toEqual(two);
    expect(await result('getBlocks', landed.slot, parentSlot, confirmed)).toEqual([]);
    expect(await error('getBlocksWithLimit', parentSlot, 500_001)).toMatchObject({
      code: -32_602,
      message: 'Limit too large; max 500000',
    });
    expect(await result('minimumLedgerSlot')).toBeLessThanOrEqual(parentSlot);
  });
});

describe('JSON-RPC', () => {
  test('an answer repeats the id of its request', async () => {
    const raw = async (id: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = `{"jsonrpc":"2.0","id":${id},"method":"getHealth"}`;
      return (await fetch(cluster.url, { method: 'POST', headers, body })).text();
    };
    for (const id of ['0', '18446744073709551615', '9007199254740993', '"12345678901234567890"', 'null'])
      expect(await raw(id)).toContain(`"id":${id}}`);
  });

  test('errors have their standard codes', async () => {
    expect(await postRaw(cluster.url, '{')).toMatchObject({ error: { code: -32_700 } });
    expect(await error('getEverything')).toMatchObject({ code: -32_601, message: 'Method not found' });
    expect((await error('getBalance'))?.code).toBe(-32_602);
    expect(await error('getBalance', 'not-an-address')).toMatchObject({ code: -32_602 });
    expect((await error('getSlot', { commitment: 'surely' }))?.code).toBe(-32_602);
    expect(await error('getSlot', { minContextSlot: Number.MAX_SAFE_INTEGER })).toMatchObject({
      code: -32_016,
      data: { contextSlot: number },
    });
  });

  test('a batch gets one answer without its notifications', async () => {
    const request = (id: number | undefined) => ({ jsonrpc: '2.0', method: 'getSlot', ...(id && { id }) });
    const answers = await postRaw(cluster.url, JSON.stringify([request(1), request(undefined), request(2)]));
    expect(answers).toEqual([1, 2].map((id) => ({ jsonrpc: '2.0', id, result: number })));
  });
});
