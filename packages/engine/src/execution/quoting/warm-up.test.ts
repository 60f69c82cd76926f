import { expect, test } from 'vitest';
import { oddVenue, withoutMarket } from '../../../test/support/odd-venue.ts';
import { createWorld } from '../../../test/support/world.ts';
import { ACCOUNT } from '../../api/account.ts';
import type { Venue } from '../../ports/venue.ts';
import { startEngine } from '../start-engine.ts';
import { warmUp } from './warm-up.ts';

test('a quote is practiced without a venue outside, a node or the store', async () => {
  const asked: string[] = [];
  const counting = (venue: Venue): Venue =>
    oddVenue(venue, {
      quote(request, signal) {
        asked.push(venue.name);
        return venue.quote(request, signal);
      },
    });
  const world = await createWorld({
    venues: ([own, other]) => [counting(own!), withoutMarket(counting(other!))],
  });
  const rehearsed = world.hooks.node('memory').calls('simulate');
  const running = warmUp(world.engine, new AbortController().signal);
  await world.clock.advance(3_000);
  await running;
  expect(asked).toEqual(Array(300).fill(world.engine.venues[0]!.name));
  expect(rehearsed).toEqual([]);
  expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 1 })).toEqual([]);
});

test('practice ends when the first order comes', async () => {
  const world = await createWorld();
  const firstOrder = new AbortController();
  const stop = await startEngine(world.engine, { soleProcess: true, onOrder: () => firstOrder.abort() });
  let hasEnded = false;
  void warmUp(world.engine, firstOrder.signal).then(() => {
    hasEnded = true;
  });
  await world.clock.advance(100);
  expect(hasEnded).toBe(false);
  await world.submit();
  await world.clock.advance(20);
  expect(hasEnded).toBe(true);
  const stopped = stop();
  await world.clock.advance(60_000);
  await stopped;
});
