import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance, createChance } from '../../packages/engine/test/simulation/chance.ts';
import { startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { findProgram } from '../support/requires.ts';
import { type ScaledEngine, startScaledEngine } from '../support/scaled-engine.ts';
import { audit, type Findings, readOrders, type StoredOrder, TERMINAL, type TokenUnits } from './audit.ts';
import { disturb } from './disturb.ts';
import { makeNaiveWorker } from './naive-worker.ts';
import { fill, type Place } from './processes.ts';
import { readBalances, readLedger } from './read-ledger.ts';
import { type Story, trade } from './trade.ts';

export interface ChaosOptions {
  readonly orders: number;
  /** How long things go wrong. */
  readonly seconds: number;
  /** Decides who is hit when and how; what becomes of it is up to the machine. */
  readonly seed: number;
  /** Workers with a known mistake instead of ours: the run must find doubles. */
  readonly naive?: boolean;
}

export interface ChaosReport extends Findings {
  readonly options: ChaosOptions;
  readonly disturbances: Readonly<Record<string, number>>;
  /** For how long of the attack no worker was awake. */
  readonly noWorkerMs: number;
  /** From the end of the disturbances until every client had heard the end of its order. */
  readonly healedMs: number;
}

const APIS = 2;
const WORKERS = 3;
const SLOT_MS = 100;
// Two leases and two lives of a blockhash, and a margin for a slow machine.
const HEALING_MS = 240_000;
const FINALITY_MS = 60_000;

/**
 * PostgreSQL, Redis, a local Solana, two API processes and three workers of its own, under orders and under attack.
 * Afterwards everything is left alone until the orders are over, and three accounts of them are compared: what clients
 * heard, what the database says, what the chain's ledger says.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const postgres = await startPostgresServer(requireProgram('postgres'));
  const redis = await startRedisServer(requireProgram('redis-server'));
  const naive = options.naive ? makeNaiveWorker() : undefined;
  let engine: ScaledEngine | undefined;
  try {
    engine = await startScaledEngine({
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      slotMs: SLOT_MS,
      // A receipt would keep the doubles from landing, and make their orders ask for a person.
      ...(naive && { workerScript: naive.script, env: { STRICT_FROM_LAMPORTS: '0' } }),
    });
    const flushRedis = () => redis.command('FLUSHALL');
    return await attack(options, { engine, databaseUrl: postgres.url, flushRedis });
  } finally {
    await engine?.close();
    await redis.close();
    postgres.close();
    naive?.remove();
  }
}

async function attack(
  options: ChaosOptions,
  world: { engine: ScaledEngine; databaseUrl: string; flushRedis: () => Promise<unknown> },
): Promise<ChaosReport> {
  const { engine, databaseUrl } = world;
  const chance = createChance(options.seed);
  const places: Place[] = [...Array(WORKERS).fill('worker'), ...Array(APIS).fill('api')].map((kind) => ({
    kind,
    current: undefined,
    isStopped: false,
  }));
  const giveUp = new AbortController();
  setMaxListeners(0, giveUp.signal); // Every client listens.
  const apiKey = randomUUID(); // On a machine with other engines their clients must not trade here.
  await Promise.all(places.map((place) => fill(engine, place, apiKey, giveUp.signal)));
  const { wallet, tokens } = await describe(apiUrl(places, chance), apiKey);
  const before = await readBalances(engine.devnetUrl, wallet);

  const ms = options.seconds * 1_000;
  const trading = tradeAll(options, { places, chance, apiKey, ms, signal: giveUp.signal });
  const disturbances = await disturb({
    ...world,
    places,
    apiKey,
    chance: createChance(options.seed + 1),
    ms,
    isMild: options.naive === true,
  });
  const healing = Date.now();
  const timer = setTimeout(() => giveUp.abort(), HEALING_MS);
  const stories = await trading;
  clearTimeout(timer);
  const healedMs = Date.now() - healing;

  const orders = await untilFinal(databaseUrl);
  const findings = audit({
    submitted: options.orders,
    stories,
    orders,
    ledger: await readLedger(engine.devnetUrl, wallet),
    before,
    after: await readBalances(engine.devnetUrl, wallet),
    tokens,
    disturbances,
  });
  return {
    options,
    disturbances: disturbances.counts,
    noWorkerMs: disturbances.noWorkerMs,
    healedMs,
    ...findings,
  };
}

/** Orders spread over the time of the attack, so that it meets them at every step. */
async function tradeAll(
  { orders, seed }: ChaosOptions,
  run: { places: readonly Place[]; chance: Chance; apiKey: string; ms: number; signal: AbortSignal },
): Promise<readonly Story[]> {
  const trades = Array.from({ length: orders }, async (_, index) => {
    await sleep((index * run.ms) / orders);
    return trade({
      idempotencyKey: `chaos-${seed}-${index}`,
      body: bodyOf(run.chance),
      apiKey: run.apiKey,
      apiUrl: () => apiUrl(run.places, run.chance),
      signal: run.signal,
    });
  });
  return (await Promise.all(trades)).filter((story) => story !== undefined);
}

function bodyOf(chance: Chance): object {
  const [tokenIn, tokenOut, least] = chance.pick([
    ['SOL', 'USDC', 1],
    ['USDC', 'SOL', 100],
    ['SOL', 'JUP', 1],
  ] as const);
  const amountIn = ((least * chance.between(1, 50)) / 100).toFixed(2);
  return { type: 'market', tokenIn, tokenOut, amountIn, slippageBps: 500 };
}

/** Of a process that was not killed; it may be one that hangs. */
function apiUrl(places: readonly Place[], chance: Chance): string {
  const urls = places.flatMap(({ kind, current }) => (kind === 'api' && current?.url ? [current.url] : []));
  return urls.length > 0 ? chance.pick(urls) : 'http://127.0.0.1:9'; // No process listens there.
}

async function describe(
  url: string,
  apiKey: string,
): Promise<{ wallet: string; tokens: readonly TokenUnits[] }> {
  const get = async <T>(path: string): Promise<{ data: T[] }> =>
    (await (await fetch(url + path, { headers: { authorization: `Bearer ${apiKey}` } })).json()) as {
      data: T[];
    };
  const wallets = await get<{ address: string }>('/api/wallets');
  const tokens = await get<TokenUnits>('/api/tokens');
  return { wallet: wallets.data[0]!.address, tokens: tokens.data };
}

/**
 * Waits until every order is over and every fill was read at finality, so that fees and amounts are the last word; and
 * then once more, since what a final fill left on its way becomes an order of its own.
 */
async function untilFinal(databaseUrl: string): Promise<readonly StoredOrder[]> {
  const giveUpAtMs = Date.now() + FINALITY_MS;
  let known = -1;
  for (;;) {
    const orders = await readOrders(databaseUrl);
    const areFinal = orders.every(
      ({ status, finalized }) => TERMINAL.includes(status) && (status !== 'confirmed' || finalized),
    );
    if ((areFinal && orders.length === known) || Date.now() > giveUpAtMs) return orders;
    known = areFinal ? orders.length : -1;
    await sleep(1_000);
  }
}

function requireProgram(name: 'postgres' | 'redis-server'): string {
  const path = findProgram(name);
  if (!path) throw new Error(`chaos needs ${name}, which is not installed`);
  return path;
}
