// The cost of the receipt guard on the devnet: bytes, compute units and lamports of swaps with and without it, of a
// cancel by receipt and of closing receipts.
//   npm run bench -- receipt-guard
// The benchmark advances the chain slot by slot, so slots are exact and times mean nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_LIMITS } from './support/bench-limits.mjs';
import { load, loadPackage } from './support/built.mjs';

const { startDevnet } = await loadPackage('devnet');
const { createMemoryEventBus } = await load('adapters/memory/event-bus.js');
const { createMemoryOrderStore } = await load('adapters/memory/order-store.js');
const { createMemoryWorkQueue } = await load('adapters/memory/work-queue.js');
const { generateSecretKey } = await load('adapters/signers/ed25519-key.js');
const { createKeypairSigner } = await load('adapters/signers/keypair-signer.js');
const { createAccountFeed } = await load('adapters/solana/account-feed.js');
const { createSolanaChain } = await load('adapters/solana/chain.js');
const { createTokenRegistry } = await load('adapters/solana/token-registry.js');
const { systemClock: clock } = await load('adapters/system/clock.js');
const { createHttpClient } = await load('adapters/system/http-client.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { meteoraDammV2 } = await load('adapters/venues/meteora/meteora-damm-v2.js');
const { meteoraSwapInspector } = await load('adapters/venues/meteora/meteora-swap.js');
const { createPoolVenue } = await load('adapters/venues/pool-venue.js');
const { raydiumCpmm } = await load('adapters/venues/raydium/raydium-cpmm.js');
const { raydiumSwapInspector } = await load('adapters/venues/raydium/raydium-swap.js');
const { cancelOrder } = await load('execution/cancel-order.js');
const { createEngine, startEngine } = await load('execution/start-engine.js');
const { submitOrder } = await load('execution/submit-order.js');

const closings = [];
const log = {
  debug() {},
  info: (fields, text) => text === 'receipt rent reclaim sent' && closings.push(fields),
  warn() {},
  error() {},
};
const devnet = await startDevnet({ port: 0, slotMs: 'manual', market: 'none', seed: 'receipt-guard' });
const { genesisHash, nodes } = devnet;
const chain = createSolanaChain({ http: createHttpClient(), nodes, genesisHash, log });
const node = chain.nodes[0];
const programs = [raydiumCpmm, meteoraDammV2];
const { reader } = chain;
const tokens = createTokenRegistry({ readers: [reader], log });
const feed = createAccountFeed({ reader: chain.reader, onSlot: chain.onSlot, clock, maxAgeMs: 1 });
const venues = programs.map((program) => createPoolVenue(program, { reader, feed, tokens, clock, log }));
await Promise.all(venues.map((venue) => venue.discover()));
const signer = createKeypairSigner({
  secretKey: generateSecretKey(),
  inspectors: [raydiumSwapInspector, meteoraSwapInspector],
});
const orders = createMemoryOrderStore({ clock });

await admin('fund', { owner: signer.address, lamports: '50000000000' });
await admin('advance', { slots: 40 });
const results = {};
for (const venue of venues) {
  const engine = engineWith([venue]);
  const stop = await startEngine(engine, { soleProcess: true });
  await confirmed(engine, 'protocol'); // Creates the token accounts first, so that both measurements are equal.
  for (const guard of ['protocol', 'strict'])
    results[`${venue.name} ${guard}`] = await costOf((await confirmed(engine, guard)).signature);
  await stop();
}

const engine = engineWith(venues);
let stop = await startEngine(engine, { soleProcess: true });
await admin('faults', { drop: { rate: 1 } });
const order = await submitted(engine, 'strict');
const { orderId } = order.request;
await cancelOrder(engine, orderId);
const blocker = await until(async () => (await orders.receiptsToBlock([orderId]))[0]?.blocker);
await admin('faults', undefined, 'DELETE');
const askedAt = (await node.finalizedEpoch()).absoluteSlot;
await until(async () => {
  await admin('advance', { slots: 1 });
  await sleep(30);
  return (await orders.get(orderId)).status === 'canceled';
});
const slots = (await node.finalizedEpoch()).absoluteSlot - askedAt;
results['cancel by receipt'] = { ...(await costOf(blocker.signature)), slots: Number(slots) };
const standing = ['cancel', ...venues.map(({ name }) => name)].length;
for (let count = standing; count < 7; count += 1) await confirmed(engine, 'strict');
await until(async () => {
  await admin('advance', { slots: 10 });
  await sleep(100);
  const all = await orders.list({ accountId: 'default', limit: 100 });
  return all.every(({ status, finalized }) => finalized || status === 'canceled');
});
await stop();

await admin('advance', { blocks: 250 });
stop = await startEngine(engineWith(venues), { soleProcess: true });
const [{ signature, receipts }] = await until(() => closings.length > 0 && closings);
await admin('advance', { slots: 4 });
results[`closing ${receipts} receipts`] = await costOf(signature);
console.log(JSON.stringify({ benchmark: 'receipt-guard', results, node: process.version }, null, 2));
await stop();
feed.close();
chain.close();
await devnet.stop();

function engineWith(these) {
  return createEngine({
    orders,
    queue: createMemoryWorkQueue({ clock, log, concurrency: 8, startLimit: null }),
    bus: createMemoryEventBus(),
    chain,
    venues: these,
    tokens,
    signer,
    clock,
    random: createSystemRandom(),
    log,
    limits: { ...BENCH_LIMITS, observeMs: 20, resendMs: 80, maxLegs: 1, closeReceiptsMs: 3_600_000 },
  });
}

async function submitted(engine, executionGuard) {
  const { order } = await submitOrder(engine, {
    accountId: 'default',
    type: 'market',
    tokenIn: 'SOL',
    tokenOut: 'USDC',
    swapMode: 'exactIn',
    amount: '0.1',
    slippageBps: 100,
    minAmountOut: null,
    maxAmountIn: null,
    clientOrderId: null,
    idempotencyKey: null,
    fingerprint: 'bench',
    executionGuard,
  });
  await until(async () => (await orders.get(order.request.orderId)).status === 'submitted');
  return order;
}

async function confirmed(engine, executionGuard) {
  const { request } = await submitted(engine, executionGuard);
  return until(async () => {
    await admin('advance', { slots: 2 });
    await sleep(30);
    const order = await orders.get(request.orderId);
    return order.status === 'confirmed' && order;
  });
}

/** Bytes, compute units and fee of the transaction, and the wallet's change in lamports besides fee and swapped SOL. */
async function costOf(signature) {
  const options = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
  const { transaction, meta } = await rpc('getTransaction', [signature, { ...options, encoding: 'base64' }]);
  return {
    bytes: Buffer.from(transaction[0], 'base64').length,
    computeUnits: meta.computeUnitsConsumed,
    feeLamports: meta.fee,
    walletLamports: meta.postBalances[0] - meta.preBalances[0] + meta.fee,
  };
}

async function rpc(method, params) {
  const response = await fetch(devnet.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()).result;
}

async function admin(path, body, method = 'POST') {
  const response = await fetch(`${devnet.url}/admin/${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function until(look) {
  for (let times = 0; times < 1_000; times += 1) {
    const found = await look();
    if (found) return found;
    await sleep(10);
  }
  throw new Error('it did not come');
}
