import { expect, test } from 'vitest';
import { accountOf } from '../src/adapters/memory/chain.ts';
import { foldOrder } from '../src/domain/apply-event.ts';
import { type Venue, VenueUnavailable } from '../src/ports/venue.ts';
import { oddVenue, withoutMarket } from './support/odd-venue.ts';
import { createWorld, SOL, type TestWorld, USDC } from './support/world.ts';

/** A venue that offers the most, and builds its offers itself: while it is there. */
async function started(only: 'remote' | 'both', limits = {}) {
  const around = (venue: Venue): Venue =>
    oddVenue(withoutMarket(venue), {
      name: 'remote',
      quote: async (request, signal) =>
        (await venue.quote(request, signal)).map((answer) => {
          if (answer.outcome === 'refused') return answer;
          const { route } = answer.quote;
          const amountOut = (route.amountOut * 1_001n) / 1_000n;
          return { ...answer, quote: { ...answer.quote, venue: 'remote', route: { ...route, amountOut } } };
        }),
      routeInstructions: async ({ route, payer, amountIn, minAmountOut }) => {
        const [leg] = route.legs;
        const accounts = { tokenAccountIn: accountOf(payer, SOL), tokenAccountOut: accountOf(payer, USDC) };
        const built = await venue.swapInstructions({
          ...{ leg: leg!, payer, ...accounts, swapMode: 'exactIn', amountIn, amountOut: minAmountOut },
        });
        return { ...built, legs: route.legs };
      },
    });
  const world = await createWorld({
    limits: { maxLegs: 1, ...limits },
    venues: ([raydium, meteora]) => (only === 'both' ? [around(raydium!), meteora!] : [around(raydium!)]),
  });
  await world.start();
  await world.slots(6);
  const remote = world.hooks.venue('remote');
  const goesAway = () =>
    remote.fail('routeInstructions', new VenueUnavailable('Remote: it cannot be reached.'));
  return { world, remote, goesAway };
}

const routings = async (world: TestWorld, order: Awaited<ReturnType<TestWorld['submit']>>) =>
  (await world.log(order)).flatMap(({ type, data }) => (type === 'order.routing' ? [data] : []));

test('an offer whose venue does not build it is left out, and costs no try', async () => {
  const { world, remote, goesAway } = await started('both', { maxTries: 1 });
  goesAway();
  const order = await world.submit();
  await world.settle([order]);
  expect(await world.order(order)).toMatchObject({ status: 'confirmed', venue: 'meteora', tryNumber: 1 });
  expect(remote.calls('routeInstructions')).toHaveLength(1);
  expect(await routings(world, order)).toMatchObject([
    { try: 1 },
    {
      ...{ try: 1, interrupted: true, leftOut: ['remote'], limit: { minAmountOut: expect.any(String) } },
      cause: { code: 'offer_not_built', reason: 'Remote: it cannot be reached.' },
    },
  ]);
  expect(world.engine.market.health.of('remote')).toMatchObject({ failures: 1 });
  const log = await world.log(order);
  expect(foldOrder(order.request, log)).toEqual(await world.order(order));
});

test('an order without another offer waits, asks the venue repeatedly, and continues when it is back', async () => {
  const { world, remote, goesAway } = await started('remote', { maxTries: 1 });
  goesAway();
  const order = await world.submit();
  await world.clock.advance(60_000);
  expect(await world.order(order)).toMatchObject({ tryNumber: 1, waitingFor: 'venues_unavailable' });
  expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'waiting']);
  expect(remote.calls('routeInstructions').length).toBeLessThan(200);
  remote.heal();
  await world.settle([order]);
  expect(await world.order(order)).toMatchObject({ status: 'confirmed', tryNumber: 1 });
});

test('such an order waits no longer than the longest wait', async () => {
  const { world, goesAway } = await started('remote', { maxWaitMs: 20_000 });
  goesAway();
  const order = await world.submit();
  await world.clock.advance(19_000);
  expect((await world.order(order)).waitingFor).toBe('venues_unavailable');
  await world.clock.advance(2_000);
  expect((await world.order(order)).status).toBe('expired');
});
