import { expect, test } from 'vitest';
import { createAccountFrames } from '../src/api/streams/account-frames.ts';
import { toOrderId } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';

const eventOf = (reason: string): OrderEvent => ({
  ...{ orderId: toOrderId('o'), sequence: 1, type: 'order.canceled', status: 'canceled', timestamp: 't' },
  data: { reason },
});

test('a frame is the event on one line of JSON, with its position', () => {
  const event = eventOf('asked "for"\n');
  const frame = createAccountFrames()({ position: 7, event });
  expect(frame).not.toContain('\n');
  expect(JSON.parse(frame)).toEqual({ ...event, position: 7 });
});

test('an event is written once for all sockets that show it', () => {
  const toFrame = createAccountFrames();
  const event = eventOf('first');
  const frame = toFrame({ position: 1, event });
  Object.assign(event.data, { reason: 'changed, which no event is' });
  expect(toFrame({ position: 1, event })).toBe(frame);
});

test('a frame is that of its event, whatever was shown at another position', () => {
  const toFrame = createAccountFrames();
  const events = Array.from({ length: 1_000 }, (_, index) => eventOf(String(index)));
  const shown = events.map((event, position) => toFrame({ position, event }));
  const again = events.map((event, position) => toFrame({ position, event }));
  expect(again).toEqual(shown);
  expect(JSON.parse(again[3]!)).toMatchObject({ position: 3, data: { reason: '3' } });
});
