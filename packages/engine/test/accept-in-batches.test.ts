import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { acceptInBatches } from '../src/api/plugins/accept-in-batches.ts';
import { createTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

const CONNECTIONS = 120;

let app: FastifyInstance;
let url: string;
let accepted: number;
/** Turns of the event loop. */
let turns: number;
let isBusy: boolean;

beforeEach(async () => {
  const { engine } = await createWorld();
  app = await createTestApp(engine);
  acceptInBatches(app, { backlog: 1_024, log: engine.log });
  [accepted, turns, isBusy] = [0, 0, true];
  app.server.on('connection', () => (accepted += 1));
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/livez`;
});
afterEach(async () => {
  isBusy = false;
  await app.close();
});

const ask = (): Promise<number | string> =>
  new Promise((resolve) => {
    get(url, { agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

/** How many turns it takes to accept a crowd. */
async function turnsFor(crowd: number): Promise<number> {
  const before = { turns, accepted };
  const answers = Array.from({ length: crowd }, ask);
  const turn = (): void => {
    turns += 1;
    if (isBusy && accepted - before.accepted < crowd) setImmediate(turn);
  };
  turn();
  expect(await Promise.all(answers)).toEqual(answers.map(() => 200));
  return turns - before.turns;
}

test("a turn of the event loop accepts many connections, and the server's own count stays 0", async () => {
  await vi.waitFor(async () => expect(await turnsFor(CONNECTIONS)).toBeLessThan(CONNECTIONS / 2), {
    timeout: 60_000,
    interval: 200,
  });
  const count = await new Promise((resolve) => app.server.getConnections((_error, open) => resolve(open)));
  expect(count).toBe(0);
}, 90_000);

test("after the server's close no socket listens", async () => {
  await vi.waitFor(async () => expect(await turnsFor(CONNECTIONS)).toBeLessThan(CONNECTIONS / 2), {
    timeout: 60_000,
    interval: 200,
  });
  await app.close();
  expect(await ask()).toBe('ECONNREFUSED');
}, 90_000);
