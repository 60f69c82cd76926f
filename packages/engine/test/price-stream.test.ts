import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serveTestApp } from './support/app.ts';
import { createWorld, POOLS, SOL, type TestWorld, USDC } from './support/world.ts';

interface Frame {
  readonly type: string;
  readonly tokenIn: string;
  readonly mid: string | null;
  readonly buy: string | null;
  readonly sell: string | null;
  readonly slot: number;
  readonly ageMs: number;
}

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  const served = await serveTestApp(world.engine);
  app = served.app;
  url = `${served.url.replace('http', 'ws')}/api/stream`;
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

async function connect(query: string): Promise<{ frames: Frame[]; socket: WebSocket }> {
  const socket = new WebSocket(url + query);
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Frame));
  await vi.waitFor(() => expect(frames).not.toHaveLength(0));
  return { frames, socket };
}

async function closeOf(query: string): Promise<[number, string]> {
  const [code, reason] = await once(new WebSocket(url + query), 'close');
  return [code as number, String(reason)];
}

/** Base units of USDC for a lamport at 150 USDC, with Meteora's fee of 20 bps. */
const AT_150 = { sell: '149.7', buy: '150.300601202', mid: '150.000300601' };

describe('a stream with prices', () => {
  test('has the price of each pair at its opening, then each change, and the events beside them', async () => {
    const { frames, socket } = await connect('?prices=SOL/USDC,USDC/SOL,SOL/USDC');
    await vi.waitFor(() => expect(frames).toHaveLength(3));
    const [opened, sol, usdc] = frames;
    expect(opened).toEqual({ type: 'stream.opened', position: 0 });
    const names = { tokenIn: 'SOL', tokenOut: 'USDC', mintIn: SOL.mint, mintOut: USDC.mint };
    expect(sol).toEqual({ type: 'price', ...names, ...AT_150, slot: expect.any(Number), ageMs: 0 });
    expect(usdc).toMatchObject({ type: 'price', tokenIn: 'USDC', sell: '0.00665333333333' });
    await world.slots(5);
    expect(frames).toHaveLength(3);

    world.priceFalls('10 %');
    await world.slots(2);
    await vi.waitFor(() => expect(frames).toHaveLength(5));
    expect(frames.slice(3).map(({ tokenIn }) => tokenIn)).toEqual(['SOL', 'USDC']);
    expect(Number(frames[3]!.sell)).toBeCloseTo(149.7 * 0.9, 3);
    expect(frames[3]!.slot).toBeGreaterThan(sol!.slot);

    await world.settle([await world.submit()]);
    await vi.waitFor(() =>
      expect(frames.filter(({ type }) => type.startsWith('order.')).length).toBeGreaterThan(3),
    );
    socket.close();
  });

  test('has prices alone with events=none, while the store is away too', async () => {
    world.hooks.orders.cutOff(new Error('away'));
    const { frames, socket } = await connect('?events=none&prices=SOL/USDC');
    expect(frames).toMatchObject([{ type: 'price', ...AT_150 }]);
    world.hooks.orders.heal();
    await world.settle([await world.submit()]);
    world.priceRises('1 %');
    await world.slots(2);
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(1));
    expect(new Set(frames.map(({ type }) => type))).toEqual(new Set(['price']));
    socket.close();
  });

  test('has at most one change of a pair in a slot', async () => {
    const { frames, socket } = await connect('?events=none&prices=SOL/USDC');
    world.priceFalls('1 %');
    await world.slots(1);
    for (let count = 0; count < 3; count += 1) {
      world.priceFalls('1 %');
      await world.clock.advance(100);
    }
    await world.slots(2);
    await vi.waitFor(() => expect(Number(frames.at(-1)?.sell)).toBeCloseTo(149.7 * 0.99 ** 4, 2));
    const slots = frames.map(({ slot }) => slot);
    expect(new Set(slots).size).toBe(slots.length);
    socket.close();
  });

  test('says when a price is gone: the pools cannot be read, or trade no more', async () => {
    const { frames, socket } = await connect('?events=none&prices=SOL/USDC');
    for (const venue of ['raydium', 'meteora']) world.hooks.venue(venue).fail('market', new Error('away'));
    await world.clock.advance(40_000);
    await vi.waitFor(() => expect(frames).toHaveLength(2));
    expect(frames[1]).toMatchObject({ mid: null, buy: null, sell: null });
    expect(frames[1]!.ageMs).toBeGreaterThan(8_000);
    for (const venue of ['raydium', 'meteora']) world.hooks.venue(venue).heal('market');
    await world.slots(2);
    await vi.waitFor(() => expect(frames[2]).toMatchObject(AT_150));
    for (const pool of POOLS) world.poolHolds(pool, USDC, 0n);
    await world.slots(2);
    await vi.waitFor(() => expect(frames[3]).toMatchObject({ mid: null, buy: null, sell: null }));
    expect(frames[3]!.ageMs).toBeLessThan(1_000);
    socket.close();
  });

  test('gives a slow client the newest price and none in between', async () => {
    const { frames, socket } = await connect('?events=none&prices=SOL/USDC');
    const [served] = [...app.websocketServer.clients];
    socket.pause();
    // More than the kernel takes for a client that does not read.
    const filler = 'x'.repeat(32 * 1024 * 1024);
    served!.send(JSON.stringify({ type: filler }));
    for (let count = 0; count < 10; count += 1) {
      world.priceFalls('1 %');
      await world.slots(2);
    }
    expect(served!.bufferedAmount).toBeGreaterThan(1024 * 1024);
    socket.resume();
    const last = 149.7 * 0.99 ** 10;
    await vi.waitFor(() => expect(Number(frames.at(-1)?.sell)).toBeCloseTo(last, 2), 10_000);
    // The one that waits behind what the client did not read, and the newest.
    const prices = frames.slice(1).filter(({ type }) => type === 'price');
    expect(prices).toHaveLength(2);
    expect(Number(prices[0]!.sell)).toBeCloseTo(149.7 * 0.99, 2);
    socket.close();
  }, 30_000);

  test('refreshes the pools in every slot while it is open, and no more when it is closed', async () => {
    const reads = world.hooks.venue('meteora').calls('market');
    const countIn = async (slots: number): Promise<number> => {
      const before = reads.length;
      await world.slots(slots);
      return reads.length - before;
    };
    const alone = await countIn(10);
    const { socket } = await connect('?events=none&prices=SOL/USDC');
    expect(await countIn(10)).toBeGreaterThanOrEqual(alone + 10);
    socket.close();
    await vi.waitFor(() => expect(world.engine.market.listeners.size).toBe(0));
    await world.slots(1);
    expect(await countIn(10)).toBe(alone);
  });

  test.each([
    ['?prices=SOL', 'Each pair must be tokenIn/tokenOut, such as SOL/USDC.'],
    ['?prices=SOL/DOGE', 'prices "DOGE" is not a token that can be traded here.'],
    ['?prices=SOL/sol', 'SOL has no price in itself.'],
    ['?prices=SOL/BONK', 'No pools lead from SOL to BONK.'],
    [`?prices=${'é'.repeat(90)}/SOL`, `prices "${'?'.repeat(65)}" is not a token that can be traded here.`],
    [`?prices=${Array(21).fill('SOL/USDC')}`, 'At most 20 pairs can be asked for at once.'],
    ['?prices=SOL/USDC&prices=USDC/SOL', 'Invalid input: expected string, received array'],
    ['?events=none', 'events=none needs prices, and no after'],
    ['?events=none&prices=SOL/USDC&after=0', 'events=none needs prices, and no after'],
    ['?events=some', 'events can only be none'],
  ])('refuses %s with the reason', async (query, reason) => {
    expect(await closeOf(query)).toEqual([4400, reason]);
    expect(world.engine.market.listeners.size).toBe(0);
  });
});
