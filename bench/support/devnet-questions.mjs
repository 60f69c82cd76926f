// What the devnet's process spends on each question that an engine asks, on one connection, in batches as the engine sends
// them. Slots pass only between the measurements, so a question is charged with nothing else. Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { loadDevnet, loadPackage } from './built.mjs';
import { openLanes } from './http-lane.mjs';

const SLOTS = 60;
const SWAPS_PER_SLOT = 10;
/** The engine reads a transaction when it landed and when it is final, from two nodes. */
const READS_PER_TRANSACTION = 4;
const SWAP_PATH = '/swap/v2/build';

/**
 * @param devnet `url` and `pid` of a devnet with slots of its own making (`--slot-ms manual`).
 * @returns By question: how many, microseconds of processor time and bytes of answer of each.
 */
export async function measureQuestions({ url, pid }) {
  const swaps = await openSwaps(url);
  const lane = openLanes(url, '/', 1);
  const costs = new Map();
  let lastId = 0;

  /** Asks one body with these questions, and charges its processor time to them. */
  async function ask(label, calls) {
    const requests = calls.map(([method, params]) => ({ jsonrpc: '2.0', id: ++lastId, method, params }));
    const text = JSON.stringify(requests.length === 1 ? requests[0] : requests);
    const answer = await charge(label, calls.length, async () => (await lane.post(text)).text);
    const answers = [JSON.parse(answer)].flat();
    const failed = answers.find(({ error }) => error);
    if (failed) throw new Error(`${label}: ${failed.error.message}`);
    return answers.map(({ result }) => result);
  }

  async function charge(label, count, work) {
    const before = cpuMicros(pid);
    const answer = await work();
    const cost = costs.get(label) ?? { count: 0, micros: 0, bytes: 0 };
    cost.count += count;
    cost.micros += cpuMicros(pid) - before;
    cost.bytes += answer.length;
    costs.set(label, cost);
    return answer;
  }

  const advance = (slots) => postJson(`${url}/admin/advance`, { blocks: slots });
  const json = { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 0 };
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const [latest] = await ask('getLatestBlockhash', [['getLatestBlockhash', [{ commitment: 'confirmed' }]]]);
    const made = Array.from({ length: SWAPS_PER_SLOT }, () => swaps.next(latest.value.blockhash));
    const rehearsal = { encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true };
    const simulations = await ask(
      'simulateTransaction',
      made.map(({ wire }) => ['simulateTransaction', [wire, rehearsal]]),
    );
    const failed = simulations.find(({ value }) => value.err !== null);
    if (failed) throw new Error(`a swap fails: ${JSON.stringify(failed.value)}`);
    // Each node is sent the same bytes.
    for (const { wire } of [...made, ...made])
      await ask('sendTransaction', [
        ['sendTransaction', [wire, { encoding: 'base64', skipPreflight: true }]],
      ]);
    await charge('slot with 10 swaps', 1, () => advance(1));
    const signatures = made.map(({ signature }) => signature);
    await ask('getSignatureStatuses of 10', [['getSignatureStatuses', [signatures]]]);
    await advance(1);
    for (let read = 0; read < READS_PER_TRANSACTION; read += 1)
      await ask(
        'getTransaction',
        signatures.map((signature) => ['getTransaction', [signature, json]]),
      );
    const accounts = [swaps.poolAccounts, { commitment: 'processed', encoding: 'base64' }];
    await ask(`getMultipleAccounts of ${swaps.poolAccounts.length}`, [['getMultipleAccounts', accounts]]);
    const held = [
      swaps.owner,
      { programId: swaps.tokenProgram },
      { commitment: 'confirmed', encoding: 'base64' },
    ];
    await ask('getTokenAccountsByOwner', [['getTokenAccountsByOwner', held]]);
    const written = swaps.poolAccounts.slice(0, 8);
    await ask('getRecentPrioritizationFees', [['getRecentPrioritizationFees', [written]]]);
    await ask('getGenesisHash', [['getGenesisHash', []]]);
    await charge(SWAP_PATH, 1, async () => (await fetch(`${url}${SWAP_PATH}?${swaps.query}`)).text());
    await charge('slot without orders', 1, () => advance(1));
  }
  lane.close();
  return Object.fromEntries(
    [...costs].map(([label, { count, micros, bytes }]) => [
      label,
      { count, microsEach: Math.round(micros / count), bytesEach: Math.round(bytes / count) },
    ]),
  );
}

/** Swaps through a Raydium pool by one funded wallet, and the accounts of all pools. */
async function openSwaps(url) {
  const { createGenesis } = await loadDevnet('genesis.js');
  const { createSeededKeypair } = await loadDevnet('market/keypair.js');
  const { createPoolSwap } = await loadDevnet('market/pool-swap.js');
  const { signTransaction } = await loadDevnet('market/wire-transaction.js');
  const { parseTransaction } = await loadDevnet('chain/wire-transaction.js');
  const { deriveAssociatedTokenAccount, TOKEN_PROGRAM } = await loadPackage('solana');
  const { placedPools } = await createGenesis({ seed: 'devnet', mood: 'calm' });
  const pool = placedPools.find(({ kind }) => kind === 'raydium-cpmm');
  const trader = createSeededKeypair('bench', 'trader');
  const { address: owner } = trader;
  const [mintIn, mintOut] = [pool.mint0, pool.mint1];
  const tokens = [mintIn, mintOut].map((mint) => ({ mint, amount: String(10n ** 15n) }));
  await postJson(`${url}/admin/fund`, { owner, lamports: String(10n ** 15n), tokens });
  const [userIn, userOut] = await Promise.all(
    [mintIn, mintOut].map((mint) => deriveAssociatedTokenAccount(owner, mint)),
  );
  const named = placedPools.flatMap((placed) => [placed.address, ...vaultsOf(placed)]);
  let amountIn = 1_000_000n;
  return {
    owner,
    tokenProgram: TOKEN_PROGRAM,
    poolAccounts: [...new Set(named)].slice(0, 97),
    query: new URLSearchParams({ inputMint: mintIn, outputMint: mintOut, amount: '1000000', taker: owner }),
    next(blockhash) {
      amountIn += 1n; // Makes every transaction different.
      const swap = { pool, isZeroForOne: true, payer: owner, userIn, userOut, amountIn, minAmountOut: 1n };
      const bytes = signTransaction(trader, [createPoolSwap(swap)], blockhash);
      return { wire: Buffer.from(bytes).toString('base64'), signature: parseTransaction(bytes).signature };
    },
  };
}

/** The addresses of a pool besides its own, whatever its kind. */
function vaultsOf({ parts }) {
  return Object.values(parts).filter((part) => typeof part === 'string');
}

async function postJson(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return answer.text();
}

/** Processor time of all threads of a process, microseconds, in nanoseconds from the scheduler. */
function cpuMicros(pid) {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce(
    (sum, thread) => sum + Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1_000,
    0,
  );
}
