import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort, startEngineProcess } from '../support/engine-process.ts';
import { call, newOrder, type Outcome } from '../support/http-client.ts';
import { get } from '../support/order-client.ts';

// `BURST_ORDERS=10000 BURST_CONNECTIONS=1000 npx vitest run test/edges/burst.test.ts` is the full size.
const ORDERS = Number(process.env.BURST_ORDERS ?? 2_000);
const CONNECTIONS = Number(process.env.BURST_CONNECTIONS ?? 300);
const MAX_BACKLOG = ORDERS / 10;

const REPEATS = 20;

test('a burst beyond the backlog gets an answer on every connection, refused orders are not stored, and a repeat is accepted', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oee-burst-'));
  const engine = await startEngineProcess({
    dataDir: directory,
    port: await freePort(),
    devnetPort: await freePort(),
    env: {
      MAX_BACKLOG_ORDERS: String(MAX_BACKLOG),
      QUOTE_TIMEOUT_MS: '10000',
      MAX_QUOTE_AGE_SLOTS: '150',
      MAX_TRIES: '10',
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const submit = (index: number): Promise<Outcome> =>
    call(`${engine.url}/api/orders`, {
      agent,
      body: newOrder(`burst-${index}`),
      headers: { 'idempotency-key': `burst-${index}` },
    });
  try {
    const startedAtMs = performance.now();
    const answers = await Promise.all(Array.from({ length: ORDERS }, (_, index) => submit(index)));
    const counts = new Map<number | string, number>();
    for (const { status, error } of answers)
      counts.set(status ?? String(error), (counts.get(status ?? String(error)) ?? 0) + 1);
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(`burst: ${ORDERS} orders, ${CONNECTIONS} connections, ${seconds} s`, counts);
    expect([...counts.keys()].sort()).toEqual([201, 503]);
    for (const answer of answers) (answer.status === 201 ? expectAcceptance : expectRefusal)(answer);
    const accepted = answers.filter(({ status }) => status === 201).map(({ body }) => String(body.orderId));
    expect(await storedIds(engine.url)).toEqual(accepted.sort());

    const refused = answers.flatMap(({ status }, index) => (status === 503 ? [index] : []));
    for (const index of refused.slice(0, REPEATS)) {
      let repeated = await submit(index);
      for (; repeated.status === 503; repeated = await submit(index))
        await sleep(Number(repeated.headers['retry-after']) * 1_000);
      expect(repeated.status).toBe(201);
    }
  } finally {
    agent.destroy();
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 600_000);

test('while the chain is away the engine accepts at most the backlog of unsigned orders, though workers claim and release each', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oee-backlog-'));
  const [bound, rounds, perRound] = [100, 12, 20];
  const engine = await startEngineProcess({
    dataDir: directory,
    port: await freePort(),
    devnetPort: await freePort(),
    env: { MAX_BACKLOG_ORDERS: String(bound) },
  });
  const devnet = engine.devnetPid();
  try {
    process.kill(devnet, 'SIGSTOP');
    let accepted = 0;
    for (let round = 0; round < rounds; round += 1) {
      const orders = Array.from({ length: perRound }, (_, index) => newOrder(`away-${round}-${index}`));
      const answers = await Promise.all(orders.map((body) => call(`${engine.url}/api/orders`, { body })));
      for (const { status } of answers) expect([201, 503]).toContain(status);
      accepted += answers.filter(({ status }) => status === 201).length;
      await sleep(250); // As long as a count is believed.
    }
    expect(accepted).toBe(bound);
  } finally {
    process.kill(devnet, 'SIGCONT');
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);

function expectAcceptance({ headers }: Outcome): void {
  expect(headers.ratelimit).toMatch(/^"backlog";r=\d+$/);
}

function expectRefusal({ headers, body }: Outcome): void {
  expect(body).toMatchObject({ code: 'too_busy', retryable: true });
  expect(headers['retry-after']).toMatch(/^\d+$/);
  expect(headers['ratelimit-policy']).toBe(`"backlog";q=${MAX_BACKLOG}`);
  expect(headers.ratelimit).toBe(`"backlog";r=0;t=${headers['retry-after']}`);
}

async function storedIds(url: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = (await get(`${url}/api/orders?limit=200${cursor && `&cursor=${cursor}`}`)) as {
      data: { orderId: string; clientOrderId: string | null }[];
      nextCursor: string | null;
    };
    // The engine's own orders, which sweep what a route left, have no id of a client.
    ids.push(
      ...page.data.filter(({ clientOrderId }) => clientOrderId !== null).map(({ orderId }) => orderId),
    );
    cursor = page.nextCursor ?? '';
  } while (cursor !== '');
  return ids.sort();
}
