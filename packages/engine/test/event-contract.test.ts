import { EVENT_DATA, orderEvent, type Shown, type WireEventData } from '@oee/api-schema';
import { expect, test } from 'vitest';
import { FAILURES } from '../src/domain/failure.ts';
import type { OrderEvent, OrderEventData } from '../src/domain/order-event.ts';
import { createWorld, requireInContract } from './support/world.ts';

// These compile only while engine and contract agree about every field of every event, both ways.
export const toWire = (data: OrderEventData): Shown<WireEventData> => data;
export const toDomain = (data: WireEventData): OrderEventData => data;

test('the contract names every failure code of the engine', () => {
  expect(EVENT_DATA['order.failed'].shape.code.options).toEqual(Object.keys(FAILURES));
});

// `world.stop()` asks this of every event that any suite over the test world wrote.
test('the contract refuses an event with a field that it lacks', async () => {
  const world = await createWorld();
  await world.start();
  const order = await world.submit();
  await world.settle([order]);
  const [event] = await world.log(order);
  requireInContract(event!);
  expect(() => requireInContract({ ...event, data: { unheard: 1 } } as unknown as OrderEvent)).toThrow(
    'unheard',
  );
  await world.stop();
});

test.each(['try', 'cause'] as const)('an event with another %s than its type has is refused', (field) => {
  const data = { try: 1, [field]: 'late' };
  const event = {
    orderId: '01a1fc22-e037-7000-9a9f-8530623254b1',
    sequence: 2,
    type: 'order.routing',
    status: 'routing',
    timestamp: '2030-01-31T12:00:00Z',
  };
  expect(orderEvent.safeParse({ ...event, data: { try: 1 } }).success).toBe(true);
  expect(orderEvent.safeParse({ ...event, data }).success).toBe(false);
});
