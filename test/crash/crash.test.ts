import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type EngineProcess,
  type EngineProcessOptions,
  freePort,
  startEngineProcess,
} from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';

// `CRASH_ROUNDS=20 npx vitest run test/crash` is the long run; CI does a few rounds.
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 4);
const ORDERS = 50;
const TERMINAL = ['confirmed', 'failed', 'canceled', 'expired'];

interface WireOrder {
  readonly orderId: string;
  readonly status: string;
  readonly sequence: number;
}

test(
  'every accepted order ends, lands at most once and keeps a gapless log, whichever process is killed',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'oee-crash-'));
    const port = await freePort();
    const options = { dataDir, port, devnetPort: await freePort(), env: { DEVNET_SLOT_MS: '50' } };
    let engine = await startEngineProcess(options);
    try {
      for (let round = 0; round < ROUNDS; round += 1) engine = await crashRound(engine, options, round);
    } finally {
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
  60_000 * ROUNDS + 60_000,
);

/** Even rounds kill the engine, odd ones the engine and the devnet together, each at another moment. */
async function crashRound(
  engine: EngineProcess,
  options: EngineProcessOptions,
  round: number,
): Promise<EngineProcess> {
  const devnetPid = engine.devnetPid();
  const submissions = Array.from({ length: ORDERS }, (_, index) => submit(engine.url, `${round}-${index}`));
  const accepted = (await Promise.all(submissions)).map((order) => order.orderId);
  await new Promise((resolve) => setTimeout(resolve, [5, 30, 80, 150, 300, 600][round % 6]));
  if (round % 2 === 1) process.kill(devnetPid, 'SIGKILL');
  await engine.kill();

  const restarted = await startEngineProcess(options);
  const orders = await untilTerminal(restarted.url, accepted);
  const wallets = (await get(`${restarted.url}/api/wallets`)) as { data: { address: string }[] };
  const landed = await landedSwapsByOrder(restarted.devnetUrl, wallets.data[0]!.address);
  for (const order of orders) {
    expect(landed.get(order.orderId) ?? 0, `swaps of ${order.orderId}`).toBe(
      order.status === 'confirmed' ? 1 : 0,
    );
    const log = (await get(`${restarted.url}/api/orders/${order.orderId}/events`)) as {
      data: { sequence: number }[];
    };
    expect(log.data.map(({ sequence }) => sequence)).toEqual(log.data.map((_, index) => index + 1));
  }
  // A crash is no reason to fail: nothing in this market moves further than the tolerance.
  expect(orders.filter(({ status }) => status === 'confirmed').length).toBeGreaterThan(ORDERS / 2);
  return restarted;
}

async function submit(url: string, clientOrderId: string): Promise<WireOrder> {
  const response = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'market',
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '0.5',
      slippageBps: 300,
      clientOrderId,
    }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as WireOrder;
}

async function untilTerminal(url: string, orderIds: readonly string[]): Promise<WireOrder[]> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const orders = (await Promise.all(
      orderIds.map((orderId) => get(`${url}/api/orders/${orderId}`)),
    )) as WireOrder[];
    if (orders.every(({ status }) => TERMINAL.includes(status))) return orders;
    if (Date.now() > deadline)
      throw new Error(
        `not terminal: ${JSON.stringify(orders.filter(({ status }) => !TERMINAL.includes(status)))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const get = async (url: string): Promise<unknown> => (await fetch(url)).json();
