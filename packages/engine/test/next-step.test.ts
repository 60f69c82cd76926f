import { describe, expect, test } from 'vitest';
import { type Failure, failure } from '../src/domain/failure.ts';
import type { Order } from '../src/domain/order.ts';
import { readError } from '../src/execution/tries/end-try.ts';
import { nextStep } from '../src/execution/tries/next-step.ts';
import { failed, waitsFor } from '../src/execution/try-end.ts';
import { ChainUnavailable, TransactionTooLarge } from '../src/ports/chain.ts';
import { PolicyRefused } from '../src/ports/signer.ts';
import { OfferNotBuilt, RouteUnavailable, VenueUnavailable } from '../src/ports/venue.ts';
import { oddVenue } from './support/odd-venue.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, type WorldOptions } from './support/world.ts';

/** An order in this try, and a world whose chance is this fraction. */
async function at(order: Partial<Order>, options: WorldOptions = {}) {
  const world = await createWorld({ fraction: 0.5, ...options });
  const submitted = await world.submit();
  return { engine: world.engine, order: { ...submitted, ...order } };
}

async function stepAfter(order: Partial<Order>, cause: Failure, fraction = 0.5) {
  const { engine, order: now } = await at(order, { fraction });
  return nextStep(engine, now, cause);
}

const noRoute = failure('no_route');

describe('after a try that ended', () => {
  test('the next try follows after its backoff, with the reason', async () => {
    expect(await stepAfter({ tryNumber: 1 }, noRoute)).toEqual({
      events: [{ type: 'order.routing', data: { try: 2, backoffMs: 1_000, cause: noRoute } }],
      lease: { kind: 'release', wakeAfterMs: 1_000 },
      wakeAfterMs: 1_000,
    });
  });

  test.each([
    [1, 0, 800],
    [1, 0.25, 900],
    [1, 1, 1_200],
    [2, 0, 1_600],
    [2, 1, 2_400],
  ])(
    'the backoff of try %i is 20 %% either way: at %d it is %i ms',
    async (tryNumber, fraction, backoffMs) => {
      expect(await stepAfter({ tryNumber }, noRoute, fraction)).toMatchObject({ wakeAfterMs: backoffMs });
    },
  );

  test('more tries than backoffs repeat the last one', async () => {
    const { engine, order } = await at({ tryNumber: 4 }, { limits: { maxTries: 9 } });
    expect(nextStep(engine, order, noRoute)).toMatchObject({ wakeAfterMs: 2_000 });
  });

  test('the order has failed when no try is left', async () => {
    expect(await stepAfter({ tryNumber: 3 }, noRoute)).toEqual({
      events: [{ type: 'order.failed', data: { code: 'no_route', reason: noRoute.reason } }],
      lease: { kind: 'release', wakeAfterMs: 0 },
      wakeAfterMs: null,
    });
  });

  test.each(['policy_refused', 'transaction_too_large'] as const)('%s is not tried again', async (code) => {
    const { events } = await stepAfter({ tryNumber: 1 }, failure(code, 'why'));
    expect(events).toEqual([{ type: 'order.failed', data: { code, reason: 'why' } }]);
  });

  test('a requested cancel comes before all else', async () => {
    const cause = failure('receipt_exists', 'It was blocked.');
    expect(await stepAfter({ tryNumber: 3, cancelRequested: true }, cause)).toEqual({
      events: [{ type: 'order.canceled', data: { reason: 'Canceled on request. It was blocked.' } }],
      lease: { kind: 'release', wakeAfterMs: 0 },
      wakeAfterMs: null,
    });
  });

  test('a receipt of an unknown transaction makes the order wait for an operator, in the same try', async () => {
    const cause = failure('receipt_exists', 'There is one.');
    expect(await stepAfter({ tryNumber: 2 }, cause)).toEqual({
      events: [
        { type: 'order.routing', data: { try: 2, cause } },
        { type: 'order.review_needed', data: { reason: 'There is one.' } },
      ],
      lease: { kind: 'release', wakeAfterMs: 0 },
      wakeAfterMs: null,
    });
  });
});

describe('an error of building or signing', () => {
  test.each([
    [new OfferNotBuilt('its answer is malformed'), 'offer_not_built'],
    [new RouteUnavailable('it moved'), 'price_moved'],
    [new PolicyRefused('not allowed'), 'policy_refused'],
    [new TransactionTooLarge('1300 bytes'), 'transaction_too_large'],
  ] as const)('%s is %s', async (error, code) => {
    const { log, lines } = recordingLog();
    const { engine, order } = await at({}, { log });
    lines.length = 0;
    expect(readError(engine, order, error)).toEqual(failed(failure(code, error.message)));
    expect(lines).toEqual([]);
  });

  test('of the chain is no failure: the order waits', async () => {
    const { engine, order } = await at({});
    expect(readError(engine, order, new ChainUnavailable('no node'))).toEqual(
      waitsFor({ awaits: 'chain_unavailable', reason: 'The chain does not answer. no node.' }),
    );
  });

  test('of an unreachable venue is no failure', async () => {
    const { engine, order } = await at({});
    const reason = 'Jupiter: no answer in time.';
    expect(readError(engine, order, new VenueUnavailable(reason))).toEqual({ outcome: 'unanswered', reason });
  });

  test('that is unexpected is logged with its order and not shown to its user', async () => {
    const { log, lines } = recordingLog();
    const { engine, order } = await at({}, { log });
    lines.length = 0;
    const error = new TypeError('password is hunter2');
    expect(readError(engine, order, error)).toEqual(failed(failure('internal_error')));
    expect(lines).toMatchObject([{ level: 'error', fields: { orderId: order.request.orderId, error } }]);
  });
});

describe('an operator', () => {
  test('finds each try that ended and the order that failed, with the reason', async () => {
    const { log, lines } = recordingLog();
    const world = await createWorld({
      log,
      venues: (venues) => venues.map((venue) => oddVenue(venue, { quote: async () => [] })),
      limits: { maxTries: 2, maxLegs: 1 },
    });
    await world.start();
    const order = await world.submit();
    await world.settle([order]);
    const { orderId } = order.request;
    const [cause] = (await world.log(order)).flatMap(({ type, data }) =>
      type === 'order.routing' && data.cause ? [data.cause] : [],
    );
    expect(cause).toMatchObject({ code: 'no_route' });
    expect(lines.filter(({ message }) => /try ended|order failed/.test(message))).toMatchObject([
      { level: 'info', fields: { orderId, try: 2, cause } },
      {
        level: 'warn',
        message: 'order failed',
        fields: { orderId, code: 'no_route', reason: cause?.reason },
      },
    ]);
  });
});
