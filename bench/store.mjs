// Full order lifecycles per second through the order store: submit, claim and five transitions each, one attempt
// recorded and settled.
//   npm run bench -- store [orders] [concurrency]
// Prints one JSON line per store: PGlite in a temporary directory, and PostgreSQL if TEST_DATABASE_URL answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './support/built.mjs';

const { openPglite } = await load('adapters/postgres/pglite/pglite.js');
const { openPostgres } = await load('adapters/postgres/open-postgres.js');
const { migrate } = await load('adapters/postgres/migrate.js');
const { createPostgresOrderStore } = await load('adapters/postgres/order-store.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { newOrder, appendEvents } = await load('domain/apply-event.js');

const ORDERS = Number(process.argv[2] ?? 10_000);
const CONCURRENCY = Number(process.argv[3] ?? 1_000);
const SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test';
const random = createSystemRandom();

/** The data of a building event with three candidates. */
const building = {
  quotes: ['chosen', 'lost', 'lost'].map((outcome) => ({
    venue: 'raydium',
    pool: 'So11111111111111111111111111111111111111112',
    outcome,
    amountIn: '1',
    amountOut: '150.123456',
    priceImpactBps: 3,
    behindBestBps: '0',
    reason: 'highest output after fees',
    slot: '100',
    answerMs: 12,
  })),
  route: {
    amountIn: '1',
    amountOut: '150.123456',
    legs: [
      {
        venue: 'raydium',
        pool: 'So11111111111111111111111111111111111111112',
        poolKind: 'cpmm',
        tokenIn: 'SOL',
        tokenOut: 'USDC',
        amountIn: '1',
        amountOut: '150.123456',
        fee: '0.0025',
        feeToken: 'SOL',
      },
    ],
  },
  minAmountOut: '148.5',
  quotedPrice: '150.123456',
  quotesMs: 12,
};

const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
const embedded = await openPglite(directory);
await measure('PGlite', embedded.pool);
await embedded.close();
rmSync(directory, { recursive: true });

const schema = `bench_${process.pid}`;
const admin = openPostgres(SERVER_URL, { poolSize: 1 });
const isReachable = await admin.query('SELECT 1').then(
  () => true,
  (error) => console.error(`PostgreSQL left out: ${error.message}`) ?? false,
);
if (isReachable) {
  await admin.query(`CREATE SCHEMA ${schema}`);
  const url = new URL(SERVER_URL);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const pool = openPostgres(url.href);
  await measure('PostgreSQL', pool);
  await pool.end();
  await admin.query(`DROP SCHEMA ${schema} CASCADE`);
}
await admin.end();

async function measure(name, pool) {
  await migrate(pool);
  const store = createPostgresOrderStore({ pool });
  await runAll(store, Math.min(1_000, ORDERS)); // Warm: plans, prepared statements, compiled code.
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const latenciesMs = await runAll(store, ORDERS);
  const elapsedMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  latenciesMs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      store: name,
      orders: ORDERS,
      concurrency: CONCURRENCY,
      ordersPerSecond: Math.round((ORDERS * 1_000) / elapsedMs),
      cpuMicrosecondsPerOrder: Math.round((cpu.user + cpu.system) / ORDERS),
      lifecycleMs: {
        p50: Math.round(latenciesMs[ORDERS >> 1]),
        p99: Math.round(latenciesMs[Math.floor(ORDERS * 0.99)]),
      },
    }),
  );
}

async function runAll(store, count) {
  const latenciesMs = [];
  let started = 0;
  const runner = async () => {
    while (started < count) {
      started += 1;
      const startedAt = performance.now();
      await runOrder(store);
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, runner));
  return latenciesMs;
}

async function runOrder(store) {
  const token = (symbol, decimals) => ({
    mint: `${symbol}1111111111111111111111111111111111111112`,
    symbol,
    decimals,
    tokenProgram: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  });
  const first = newOrder({
    orderId: random.uuid(),
    accountId: 'default',
    clientOrderId: null,
    type: 'market',
    tokenIn: token('SOL', 9),
    tokenOut: token('USDC', 6),
    swapMode: 'exactIn',
    amount: 1_000_000_000n,
    slippageBps: 100,
    maxPriceImpactBps: null,
    minAmountOut: null,
    maxAmountIn: null,
    executionGuard: 'protocol',
    dialect: null,
    heldUntilMs: null,
    expiresAtMs: null,
    seenAmount: null,
    createdAtMs: Date.now(),
  });
  const { orderId } = first.order.request;
  await store.submit(first.order, first.events, { idempotencyKey: random.uuid(), fingerprint: orderId });
  const { claim } = await store.claim(orderId, 30_000);
  let order = claim.order;
  const advance = async (draft, rest) => {
    const next = appendEvents(order, [draft], Date.now());
    const change = {
      ...next,
      expectedSequence: order.sequence,
      fence: claim.fence,
      lease: { kind: 'keep' },
      ...rest,
    };
    const { outcome } = await store.transition(change);
    if (outcome !== 'committed') throw new Error(`${draft.type} is ${outcome}`);
    order = next.order;
  };
  const signature = `${orderId}-signature-of-sixty-four-bytes-in-base58-0123456789`;
  const fill = {
    signature,
    slot: '101',
    amountIn: '1',
    amountOut: '149.5',
    executedPrice: '149.5',
    fees: { network: '0.000005', rent: '0' },
  };
  await advance({ type: 'order.routing', data: { try: 1 } });
  await advance({ type: 'order.building', data: building });
  await advance(
    { type: 'order.submitted', data: { attemptNumber: 1, signature, lastValidBlockHeight: '250' } },
    { attempt: { kind: 'record', attempt: attempt(orderId, signature) } },
  );
  const settle = (finalized, from) => ({
    fence: null,
    attempt: { kind: 'set', attemptNumber: 1, from, to: 'landed', slot: 101n, finalized },
  });
  await advance({ type: 'order.confirmed', data: fill }, settle(false, 'open'));
  await advance({ type: 'order.finalized', data: fill }, settle(true, 'landed'));
}

function attempt(orderId, signature) {
  return {
    orderId,
    attemptNumber: 1,
    signature,
    bytes: new Uint8Array(700).fill(7),
    lastValidBlockHeight: 250n,
    signingSlot: 90n,
    fillAccounts: {
      payer: 'wallet',
      vaultsIn: ['vaultIn'],
      vaultsOut: ['vaultOut'],
      solIn: true,
      solOut: false,
    },
    state: 'open',
    slot: null,
    finalized: false,
    recordedAtMs: Date.now(),
  };
}
