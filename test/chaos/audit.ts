import pg from 'pg';
import type { Disturbances } from './disturb.ts';
import type { Ledger } from './read-ledger.ts';
import type { Frame, Story } from './trade.ts';

/** An order as the database has it when all is over. */
export interface StoredOrder {
  readonly orderId: string;
  readonly idempotencyKey: string | null;
  readonly clientOrderId: string | null;
  readonly status: string;
  readonly finalized: boolean;
  readonly mintIn: string;
  readonly mintOut: string;
  readonly createdAtMs: number;
  readonly events: readonly Frame[];
}

export const TERMINAL = ['confirmed', 'failed', 'canceled', 'expired'];
const SLOWEST = 10;
/** Every pair that is traded has pools at all times, so that these would be said of an outage. */
const NOT_THE_MARKETS = ['chain_unavailable', 'no_route', 'internal_error'];
const SOL_MINT = 'So11111111111111111111111111111111111111112';

/** Every order with its whole log, read past the engine. */
export async function readOrders(databaseUrl: string): Promise<readonly StoredOrder[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const orders = await client.query('SELECT * FROM orders');
    const events = await client.query('SELECT * FROM order_events ORDER BY order_id, sequence');
    const logs = new Map<string, Frame[]>();
    for (const { order_id, occurred_at, sequence, type, status, data: stored } of events.rows) {
      const log = logs.get(order_id) ?? [];
      // A final fill that is word for word that of `order.confirmed` is stored once (docs/schema.md).
      const data = stored ?? log.findLast((event) => event.type === 'order.confirmed')?.data;
      logs.set(order_id, [...log, { sequence, type, status, timestamp: occurred_at.toISOString(), data }]);
    }
    return orders.rows.map((row) => ({
      orderId: row.order_id,
      idempotencyKey: row.idempotency_key,
      clientOrderId: row.client_order_id,
      status: row.status,
      finalized: row.finalized,
      mintIn: row.mint_in,
      mintOut: row.mint_out,
      createdAtMs: row.request.createdAtMs,
      events: logs.get(row.order_id) ?? [],
    }));
  } finally {
    await client.end();
  }
}

export interface TokenUnits {
  readonly symbol: string;
  readonly mint: string;
  readonly decimals: number;
}

export interface Findings {
  readonly accepted: number;
  /** Made by the engine itself, to swap what a client's order left on its way; none of `accepted` or `terminal`. */
  readonly ownOrders: number;
  /** Of the clients' orders. */
  readonly terminal: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Acknowledged to a client, and not in the database or not over. */
  readonly lost: number;
  /** Orders of which the chain landed more than one swap. */
  readonly doubled: number;
  /** Sequences that a log or a client's stream lacks or has twice. */
  readonly gaps: number;
  readonly balancesEqual: boolean;
  readonly interruptions: number;
  /** From the first loss of a worker in an order's life to its end. */
  readonly recoveryMs: {
    readonly orders: number;
    readonly p50: number;
    readonly p99: number;
    readonly most: number;
    /** The slowest: what happened to the order when, since that loss. */
    readonly slowest: readonly { readonly orderId: string; readonly steps: readonly string[] }[];
  };
  /** Everything that is wrong, in words. */
  readonly violations: readonly string[];
}

/** Compares what clients were told, what the database says, and what the chain's ledger says. */
export function audit(run: {
  readonly submitted: number;
  readonly stories: readonly Story[];
  readonly orders: readonly StoredOrder[];
  readonly ledger: Ledger;
  readonly before: ReadonlyMap<string, bigint>;
  readonly after: ReadonlyMap<string, bigint>;
  readonly tokens: readonly TokenUnits[];
  readonly disturbances: Disturbances;
}): Findings {
  const { stories, orders, ledger } = run;
  const violations: string[] = [];
  const found = (condition: boolean, what: string): boolean => {
    if (condition) violations.push(what);
    return condition;
  };
  const stored = new Map(orders.map((order) => [order.orderId, order]));

  found(
    stories.length !== run.submitted,
    `${run.submitted - stories.length} submissions were never answered`,
  );
  const { differingWorkersStarted = 0 } = run.disturbances.counts;
  found(
    differingWorkersStarted > 0,
    `${differingWorkersStarted} workers started that differ from the others`,
  );
  for (const { orderId, events } of orders) {
    const { type, data } = events.at(-1) ?? {};
    const code = type === 'order.failed' ? String((data as { code?: unknown }).code) : '';
    found(NOT_THE_MARKETS.includes(code), `order ${orderId} failed for what no market said: ${code}`);
  }
  const told = new Set(stories.map(({ orderId }) => orderId));
  found(told.size !== stories.length, `${stories.length} clients were told of ${told.size} orders`);
  const own = orders.filter((order) => isOwn(order, stored));
  for (const order of orders)
    found(
      !told.has(order.orderId) && !own.includes(order),
      `order ${order.orderId} with key ${order.idempotencyKey} was acknowledged to no client`,
    );
  for (const { orderId, status } of own)
    found(!TERMINAL.includes(status), `own order ${orderId} is ${status}`);
  const lost = stories.filter(({ orderId }) => {
    const status = stored.get(orderId)?.status ?? 'absent';
    return found(!TERMINAL.includes(status), `order ${orderId} is ${status}`);
  });
  const doubled = [...ledger.landed].filter(([orderId, swaps]) =>
    found(swaps > 1, `order ${orderId} was swapped ${swaps} times`),
  );
  for (const { orderId, status } of orders) {
    const swaps = ledger.landed.get(orderId) ?? 0;
    if (swaps <= 1)
      found((status === 'confirmed') !== (swaps === 1), `order ${orderId} is ${status} with ${swaps} swaps`);
  }
  const broken = [
    ...orders.filter(({ orderId, events }) => found(!isGapless(events), `the log of ${orderId} has a gap`)),
    ...stories.filter((story) => !heardAll(story, stored.get(story.orderId), found)),
  ];
  const differences = balanceDifferences(run);
  for (const difference of differences) found(true, difference);

  return {
    accepted: stories.length,
    ownOrders: own.length,
    terminal: orders.filter((order) => !own.includes(order) && TERMINAL.includes(order.status)).length,
    statuses: countBy(orders.map(({ status }) => status)),
    lost: lost.length,
    doubled: doubled.length,
    gaps: broken.length,
    balancesEqual: differences.length === 0,
    interruptions: stories.reduce((sum, { interruptions }) => sum + interruptions, 0),
    recoveryMs: recoveryTimes(orders, run.disturbances.workerLossesAtMs),
    violations,
  };
}

/** Whether the engine made it, of something that another order says it left. */
function isOwn({ clientOrderId }: StoredOrder, stored: ReadonlyMap<string, StoredOrder>): boolean {
  const [, parent = '', index] = /^dust:(.+):(\d+)$/.exec(clientOrderId ?? '') ?? [];
  const last = stored.get(parent)?.events.findLast(({ type }) => type === 'order.finalized');
  return (last?.data as FillData | undefined)?.dust?.[Number(index)] !== undefined;
}

const isGapless = (events: readonly Frame[]): boolean =>
  events.every(({ sequence }, index) => sequence === index + 1);

/** The client has the log up to its terminal event, each event once and word for word. */
function heardAll(
  { orderId, received, complaints }: Story,
  order: StoredOrder | undefined,
  found: (condition: boolean, what: string) => boolean,
): boolean {
  for (const complaint of complaints) found(true, `a client of ${orderId}: ${complaint}`);
  const log = order?.events.slice(0, received.length) ?? [];
  const isSame = received.every((frame, index) => isEqual(frame, log[index]));
  const isWhole = TERMINAL.includes(received.at(-1)?.status ?? '');
  return (
    complaints.length === 0 &&
    !found(!isSame, `a client of ${orderId} heard what the log does not say`) &&
    !found(!isWhole, `a client of ${orderId} did not hear the end`)
  );
}

const isEqual = (heard: Frame, logged: Frame | undefined): boolean =>
  logged !== undefined &&
  (['sequence', 'type', 'status', 'timestamp'] as const).every((field) => heard[field] === logged[field]) &&
  canonical(heard.data) === canonical(logged.data);

/** JSON with its keys in order: the database keeps them in an order of its own. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

interface FillData {
  readonly amountIn: string;
  readonly amountOut: string;
  readonly fees: { readonly network: string; readonly rent: string; readonly rentRefunded: string };
  readonly dust?: readonly { readonly token: string; readonly amount: string }[];
}

/** To the unit: what the wallet held, plus what the fills and fees say, is what it holds. */
function balanceDifferences(run: {
  readonly orders: readonly StoredOrder[];
  readonly ledger: Ledger;
  readonly before: ReadonlyMap<string, bigint>;
  readonly after: ReadonlyMap<string, bigint>;
  readonly tokens: readonly TokenUnits[];
}): readonly string[] {
  const expected = new Map(run.before);
  const add = (mint: string, amount: bigint) => expected.set(mint, (expected.get(mint) ?? 0n) + amount);
  const tokenOf = (name: string): TokenUnits => {
    const token = run.tokens.find(({ mint, symbol }) => mint === name || symbol === name);
    if (!token) throw new Error(`no token is called ${name}`);
    return token;
  };
  for (const { events, mintIn, mintOut } of run.orders) {
    const last = events.findLast(({ type }) => type === 'order.finalized' || type === 'order.confirmed');
    if (!last) continue;
    const fill = last.data as FillData;
    add(mintIn, -toUnits(fill.amountIn, tokenOf(mintIn).decimals));
    add(mintOut, toUnits(fill.amountOut, tokenOf(mintOut).decimals));
    add(
      SOL_MINT,
      toUnits(fill.fees.rentRefunded, 9) - toUnits(fill.fees.network, 9) - toUnits(fill.fees.rent, 9),
    );
    for (const { token, amount } of fill.dust ?? [])
      add(tokenOf(token).mint, toUnits(amount, tokenOf(token).decimals));
  }
  add(SOL_MINT, run.ledger.broughtByNoOrder - run.ledger.feesOfFailed);
  return [...new Set([...expected.keys(), ...run.after.keys()])].flatMap((mint) => {
    const [should, is] = [expected.get(mint) ?? 0n, run.after.get(mint) ?? 0n];
    return should === is ? [] : [`the wallet holds ${is} of ${mint}, by its fills ${should}`];
  });
}

function toUnits(decimal: string, decimals: number): bigint {
  const sign = decimal.startsWith('-') ? -1n : 1n;
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  return sign * BigInt(whole + fraction.padEnd(decimals, '0'));
}

function recoveryTimes(
  orders: readonly StoredOrder[],
  lossesAtMs: readonly number[],
): Findings['recoveryMs'] {
  const times = orders.flatMap(({ orderId, createdAtMs, events }) => {
    const end = events.find(({ status }) => TERMINAL.includes(status));
    const endedAtMs = end ? Date.parse(end.timestamp) : Number.POSITIVE_INFINITY;
    const lossAtMs = lossesAtMs.find((atMs) => atMs > createdAtMs && atMs < endedAtMs);
    if (lossAtMs === undefined || !end) return [];
    const steps = events.map(({ type, timestamp }) => `${Date.parse(timestamp) - lossAtMs} ${type}`);
    return [{ ms: endedAtMs - lossAtMs, orderId, steps }];
  });
  times.sort((a, b) => a.ms - b.ms);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]?.ms ?? 0;
  const slowest = times.slice(-SLOWEST).map(({ orderId, steps }) => ({ orderId, steps }));
  return { orders: times.length, p50: at(0.5), p99: at(0.99), most: at(1), slowest };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
