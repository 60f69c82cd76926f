import { expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

const BODY = JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' });

test('submissions beyond the backlog are refused until enough of its orders have started', async () => {
  const world = await createWorld();
  let waiting = 10; // The first order among them, which is stored before they are counted.
  const { app, url } = await serveTestApp(world.engine, {
    backlog: { maxBacklog: 10, countWaiting: async () => waiting },
  });
  const submit = () =>
    fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
    });
  expect((await submit()).status).toBe(201);
  await world.clock.advance(300);
  const refused = await submit();
  expect([refused.status, refused.headers.get('ratelimit-policy')]).toEqual([503, '"backlog";q=10']);
  expect(refused.headers.get('ratelimit')).toBe(`"backlog";r=0;t=${refused.headers.get('retry-after')}`);
  expect(await refused.json()).toMatchObject({ code: 'too_busy', retryable: true });
  expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toHaveLength(1);

  // The crowd has been served for long: the earlier count refuses no client.
  waiting = 0;
  await world.clock.advance(60_000);
  const accepted = await submit();
  expect([accepted.status, accepted.headers.get('ratelimit')]).toEqual([201, '"backlog";r=9']);
  await app.close();
});

test('a clock that is set back does not prolong the refusals', async () => {
  const world = await createWorld();
  let waiting = 10;
  const { app, url } = await serveTestApp(world.engine, {
    backlog: { maxBacklog: 10, countWaiting: async () => waiting },
  });
  const submit = async (): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/api/orders`, { method: 'POST', headers, body: BODY })).status;
  };
  await submit();
  expect(await submit()).toBe(503);
  waiting = 0;
  world.clock.setNow(world.clock.now() - 3_600_000);
  await world.clock.advance(300);
  expect(await submit()).toBe(201);
  await app.close();
});
