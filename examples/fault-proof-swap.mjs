// A client that swaps once, whatever the network does: it buys USDC for 0.1 SOL under each scenario of the devnet, and
// asks the chain's ledger whether it was exactly once. `npm run example` starts a devnet of its own for it.
//
//     node examples/fault-proof-swap.mjs [scenario …]
//
// The rules are those of docs/execution.md: the same bytes may be sent again and again; new bytes are signed only when
// the old ones provably cannot land; what sending answers proves nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { startDevnet } from '@oee/devnet';
import {
  address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';

const SCENARIOS = [
  'drop',
  'delay',
  'duplicate',
  'http429',
  'http503',
  'timeout',
  'lostAnswer',
  'laggingNode',
  'disagreeingNode',
  'congestion',
  'expire',
  'fork',
  'venueTimeout',
  'poolDrained',
];
const SOL = 'So11111111111111111111111111111111111111112';
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const CALL_TIMEOUT_MS = 400;
const RESEND_MS = 60;

const devnet = await startDevnet({ port: 0, slotMs: 20, market: 'none' });
const nodes = [devnet.url, `${devnet.url}/node/2`];
const chosen = process.argv.slice(2);
let failures = 0;
for (const scenario of chosen.length > 0 ? chosen : SCENARIOS) {
  const startedAt = performance.now();
  const wallet = await generateKeyPairSigner();
  await admin('fund', { owner: wallet.address, lamports: '1000000000' });
  await admin('scenarios', { reference: wallet.address, scenario, seed: '1' });
  const { attempts } = await swapOnce(wallet);
  await admin('faults', undefined, 'DELETE');
  const { transactions } = await admin(`ledger?address=${wallet.address}`);
  const swaps = transactions.filter(({ err }) => err === null).length;
  if (swaps !== 1) failures += 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${swaps === 1 ? 'ok  ' : 'FAIL'} ${scenario}: ${swaps} swap, ${attempts} signed, ${seconds} s`,
  );
}
await devnet.stop();
process.exit(failures === 0 ? 0 : 1);

/** Signs until a swap is final. Resolves with how many transactions that took. */
async function swapOnce(wallet) {
  for (let attempts = 1; ; attempts += 1) {
    const swap = await signSwap(wallet, attempts);
    if ((await follow(swap)) === 'final') return { attempts };
  }
}

/** Asks for a route until one comes, and signs it. */
async function signSwap(wallet, number) {
  const query = new URLSearchParams({
    inputMint: SOL,
    outputMint: USDC,
    amount: '100000000',
    taker: wallet.address,
  });
  const route = await untilAnswered(() => getJson(`${devnet.url}/swap/v2/build?${query}`));
  const { blockhash, lastValidBlockHeight } = route.blockhashWithMetadata;
  const wire = [
    ...route.computeBudgetInstructions,
    ...route.setupInstructions,
    route.swapInstruction,
    ...(route.cleanupInstruction ? [route.cleanupInstruction] : []),
  ];
  const memo = {
    programAddress: address(MEMO),
    data: new TextEncoder().encode(`${wallet.address}/${number}`),
  };
  const lifetime = { blockhash: getBase58Decoder().decode(Uint8Array.from(blockhash)), lastValidBlockHeight };
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (draft) => setTransactionMessageFeePayerSigner(wallet, draft),
    (draft) => setTransactionMessageLifetimeUsingBlockhash(lifetime, draft),
    (draft) =>
      appendTransactionMessageInstructions([...wire.map((one) => toInstruction(one, wallet)), memo], draft),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  return {
    signature: getSignatureFromTransaction(transaction),
    bytes: getBase64EncodedWireTransaction(transaction),
    lastValidBlockHeight,
  };
}

/** Sends the same bytes until every node says that they are final, failed for good, or can never land. */
async function follow({ signature, bytes, lastValidBlockHeight }) {
  for (;;) {
    await Promise.allSettled(
      nodes.map((node) =>
        call(node, 'sendTransaction', [bytes, { encoding: 'base64', skipPreflight: true }]),
      ),
    );
    await sleep(RESEND_MS);
    const verdicts = await Promise.allSettled(
      nodes.map((node) => judge(node, signature, lastValidBlockHeight)),
    );
    const said = verdicts.map(({ value }) => value ?? 'unknown');
    // One node that shows the transaction is believed; for its absence all of them are needed.
    if (said.includes('final')) return 'final';
    if (said.includes('failed')) return 'failed';
    if (said.every((verdict) => verdict === 'absent')) return 'absent';
  }
}

/** What one node knows for good. The height is asked before the status, so that a status of earlier proves nothing. */
async function judge(node, signature, lastValidBlockHeight) {
  const { blockHeight, absoluteSlot } = await call(node, 'getEpochInfo', [{ commitment: 'finalized' }]);
  const answer = await call(node, 'getSignatureStatuses', [[signature], { searchTransactionHistory: true }]);
  const [status] = answer.value;
  if (status?.confirmationStatus === 'finalized') return status.err === null ? 'final' : 'failed';
  const isAbsent = status === null && answer.context.slot >= absoluteSlot;
  return isAbsent && blockHeight > lastValidBlockHeight ? 'absent' : 'unknown';
}

async function call(node, method, params) {
  const { result, error } = await getJson(node, { jsonrpc: '2.0', id: 1, method, params });
  if (error) throw new Error(error.message);
  return result;
}

async function untilAnswered(ask) {
  for (;;) {
    try {
      return await ask();
    } catch {
      await sleep(RESEND_MS);
    }
  }
}

async function getJson(url, body) {
  const response = await fetch(url, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

async function admin(path, body, method = body ? 'POST' : 'GET') {
  const response = await fetch(`${devnet.url}/admin/${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

function toInstruction({ programId, accounts, data }, wallet) {
  return {
    programAddress: address(programId),
    accounts: accounts.map(({ pubkey, isSigner, isWritable }) => ({
      address: address(pubkey),
      role: (isSigner ? 2 : 0) + (isWritable ? 1 : 0),
      ...(isSigner && { signer: wallet }),
    })),
    data: Buffer.from(data, 'base64'),
  };
}
