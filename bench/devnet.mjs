// The local chain alone: npm run bench -- devnet swaps|send|questions|restart|memory [--seconds N]. Prints JSON.
//
// swaps    real swaps through the Raydium program in this process: by the bare virtual machine, and by a chain that also
//          keeps balances, logs and a journal
// send     sendTransaction over HTTP to a devnet process, raw, on 16 kept connections
// questions  processor time of a devnet process for each question of an engine: support/devnet-questions.mjs. Linux only
// restart  start of a devnet process over a ledger with 100,000 transactions
// memory   a devnet process with a wild market at 20 ms slots that keeps 5,000 transactions, its memory sampled
import { spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadDevnet, loadPackage } from './support/built.mjs';
import { measureQuestions } from './support/devnet-questions.mjs';

const MODES = { swaps, send, questions, restart, memory };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' } },
});
const [mode = 'swaps'] = positionals;
const seconds = Number(values.seconds);
if (!Object.hasOwn(MODES, mode) || positionals.length > 1 || !(seconds > 0)) {
  console.error(`Usage: npm run bench -- devnet ${Object.keys(MODES).join('|')} [--seconds N]`);
  process.exit(2);
}
const directory = mkdtempSync(join(tmpdir(), 'devnet-bench-'));
try {
  console.log(JSON.stringify({ bench: `devnet ${mode}`, ...(await MODES[mode]()) }));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Opens the ledger of a stopped devnet in this process, without a server. */
async function openChain(slotMs = 400) {
  const { startDevnet } = await loadDevnet('index.js');
  const { Ledger } = await loadDevnet('ledger/ledger.js');
  const { Chain } = await loadDevnet('chain/chain.js');
  const started = await startDevnet({
    port: 0,
    slotMs: 'manual',
    market: 'none',
    ledgerDirectory: directory,
  });
  await started.stop();
  const limits = { maxTransactions: 200_000, transactionsPerSegment: 2_000 };
  return Ledger.open({ directory, lock: null, limits }, (journal, vm, state) => {
    const { genesisHash } = started;
    return new Chain({ genesisHash, vm, journal, state: { ...state, slotMs }, finalizedDepth: 32 });
  });
}

async function swaps() {
  const { createGenesis } = await loadDevnet('genesis.js');
  const { fund } = await loadDevnet('market/fund.js');
  const { createSeededKeypair } = await loadDevnet('market/keypair.js');
  const { createPoolSwap } = await loadDevnet('market/pool-swap.js');
  const { signTransaction } = await loadDevnet('market/wire-transaction.js');
  const { parseTransaction } = await loadDevnet('chain/wire-transaction.js');
  const { deriveAssociatedTokenAccount } = await loadPackage('solana');
  const { ledger, chain } = await openChain();
  const { placedPools } = await createGenesis({ seed: 'devnet', mood: 'none' });
  const pool = placedPools.find(({ kind }) => kind === 'raydium-cpmm');
  const trader = createSeededKeypair('bench', 'trader');
  const tokens = [pool.mint0, pool.mint1].map((mint) => ({ mint, amount: 10n ** 15n }));
  await fund(chain, { owner: trader.address, lamports: 10n ** 15n, tokens });
  const [userIn, userOut] = await Promise.all(
    [pool.mint0, pool.mint1].map((mint) => deriveAssociatedTokenAccount(trader.address, mint)),
  );
  const COUNT = 12_000;
  const PER_BLOCK = 500;
  let busyMs = 0;
  let landed = 0;
  let bareMs = 0;
  for (let done = 0; done < COUNT; done += PER_BLOCK) {
    const wires = Array.from({ length: PER_BLOCK }, (_, index) => {
      const amountIn = BigInt(1_000_000 + done + index); // Makes every transaction different.
      const swap = {
        pool,
        isZeroForOne: true,
        payer: trader.address,
        userIn,
        userOut,
        amountIn,
        minAmountOut: 1n,
      };
      return signTransaction(trader, [createPoolSwap(swap)], chain.history.tip.blockhash);
    });
    const half = PER_BLOCK / 2;
    const bare = wires.slice(0, half).map(parseTransaction);
    const bareFrom = performance.now();
    for (const transaction of bare) chain.vm.execute(transaction);
    bareMs += performance.now() - bareFrom;
    while (chain.isNextSlotSkipped()) chain.advance([]);
    const startedAt = performance.now();
    const block = chain.advance(wires.slice(half).map(parseTransaction));
    busyMs += performance.now() - startedAt;
    landed += block.transactions.filter(({ error }) => error === null).length;
  }
  ledger.close();
  return {
    swaps: landed,
    perSecond: Math.round((landed / busyMs) * 1000),
    perSecondOfTheBareMachine: Math.round((landed / bareMs) * 1000),
  };
}

async function send() {
  const devnet = await spawnDevnet(['--market', 'none', '--slot-ms', '400']);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const payers = await Promise.all(Array.from({ length: 16 }, () => fundedPayer(devnet.url)));
  const { blockhash } = (await rpc(devnet.url, 'getLatestBlockhash', [{ commitment: 'confirmed' }])).value;
  const { decodeBase58 } = await loadPackage('amm');
  const COUNT = 10_000;
  const bodies = Array.from({ length: COUNT }, (_, index) => {
    const wire = transferWire(
      payers[index % payers.length],
      1_000_000n + BigInt(index),
      decodeBase58(blockhash),
    );
    const params = [wire.toString('base64'), { encoding: 'base64', skipPreflight: true }];
    return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sendTransaction', params });
  });
  const startedAt = performance.now();
  let next = 0;
  let accepted = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next < COUNT) {
        next += 1;
        if ((await post(devnet.url, bodies[next - 1], agent)).includes('"result"')) accepted += 1;
      }
    }),
  );
  const tookMs = performance.now() - startedAt;
  let landed = 0;
  for (let waits = 0; landed < COUNT && waits < 100; waits += 1) {
    await sleep(100);
    landed = JSON.parse(await get(`${devnet.url}/admin/status`)).landedTransactions;
  }
  agent.destroy();
  await devnet.stop();
  return { sent: accepted, perSecond: Math.round((accepted / tookMs) * 1000), landed };
}

async function questions() {
  const devnet = await spawnDevnet(['--slot-ms', 'manual']);
  const found = await measureQuestions(devnet);
  await devnet.stop();
  return { questions: found };
}

async function restart() {
  const TRANSACTIONS = 100_000;
  const PER_BLOCK = 1_000;
  const { fund } = await loadDevnet('market/fund.js');
  const { parseTransaction } = await loadDevnet('chain/wire-transaction.js');
  const { decodeBase58, encodeBase58 } = await loadPackage('amm');
  const { ledger, chain } = await openChain();
  const payers = Array.from({ length: 20 }, newPayer);
  for (const { publicKey } of payers) {
    await fund(chain, { owner: encodeBase58(publicKey), lamports: 10n ** 15n, tokens: [] });
  }
  for (let done = 0; done < TRANSACTIONS; done += PER_BLOCK) {
    while (chain.isNextSlotSkipped()) chain.advance([]);
    const blockhash = decodeBase58(chain.history.tip.blockhash);
    const wires = Array.from({ length: PER_BLOCK }, (_, index) =>
      transferWire(payers[index % payers.length], 1_000_000n + BigInt(done + index), blockhash),
    );
    chain.advance(wires.map((wire) => parseTransaction(Uint8Array.from(wire))));
    if (ledger.isSnapshotDue(chain)) ledger.snapshot(chain);
  }
  const inHistory = ledger.history.size;
  ledger.close(); // Without a final snapshot, as after SIGKILL.
  const readyMs = [];
  for (let start = 0; start < 3; start += 1) {
    const startedAt = performance.now();
    const devnet = await spawnDevnet(['--market', 'none'], directory);
    readyMs.push(Math.round(performance.now() - startedAt));
    await devnet.kill();
  }
  return { transactions: inHistory, readyMs };
}

async function memory() {
  const devnet = await spawnDevnet(['--market', 'wild', '--slot-ms', '20', '--keep', '5000']);
  const samples = [];
  const everyMs = Math.max(1_000, (seconds * 1_000) / 20);
  for (let passed = 0; passed < seconds * 1_000; passed += everyMs) {
    await sleep(everyMs);
    const status = readFileSync(`/proc/${devnet.pid}/status`, 'utf8');
    const { slot, landedTransactions } = JSON.parse(await get(`${devnet.url}/admin/status`));
    const rssMiB = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
    samples.push({ atSeconds: Math.round((passed + everyMs) / 1000), slot, landedTransactions, rssMiB });
  }
  await devnet.stop();
  return { seconds, samples };
}

async function spawnDevnet(args, ledger = directory) {
  const main = fileURLToPath(new URL('../packages/devnet/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--ledger', ledger, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const [line] = await Promise.race([
    new Promise((resolve) =>
      createInterface({ input: child.stdout }).once('line', (text) => resolve([text])),
    ),
    ended.then(() => Promise.reject(new Error('the devnet ended'))),
  ]);
  const end = async (signal) => {
    child.kill(signal);
    await ended;
  };
  return {
    url: JSON.parse(line).url,
    pid: child.pid,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function newPayer() {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), randomBytes(32)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    privateKey,
    publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
  };
}

async function fundedPayer(url) {
  const { encodeBase58 } = await loadPackage('amm');
  const payer = newPayer();
  const body = JSON.stringify({ owner: encodeBase58(payer.publicKey), lamports: String(10n ** 15n) });
  await post(`${url}/admin/fund`, body);
  return payer;
}

/** A signed transfer to the same wallet; another amount makes it another transaction. */
function transferWire({ privateKey, publicKey }, lamports, blockhash) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  const message = Buffer.concat([
    Buffer.from([1, 0, 1, 2]),
    publicKey,
    Buffer.alloc(32),
    blockhash,
    Buffer.from([1, 1, 2, 0, 0, data.length]),
    data,
  ]);
  return Buffer.concat([Buffer.from([1]), sign(null, message, privateKey), message]);
}

async function rpc(url, method, params) {
  return JSON.parse(await post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).result;
}

function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function get(url) {
  return (await fetch(url)).text();
}
