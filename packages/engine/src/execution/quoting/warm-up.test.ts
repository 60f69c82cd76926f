import { expect, test } from 'vitest';
import { oddVenue, withoutMarket } from '../../../test/support/odd-venue.ts';
import { createWorld } from '../../../test/support/world.ts';
import { ACCOUNT } from '../../api/account.ts';
import type { Venue } from '../../ports/venue.ts';
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
