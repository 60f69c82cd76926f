import { expect, test } from 'vitest';
import { eventDataText, eventText, readEventText } from './event-text.ts';
import { toOrderId } from './order.ts';
import type { OrderEvent } from './order-event.ts';

const eventOf = (): OrderEvent => ({
  ...{ orderId: toOrderId('o'), sequence: 1, type: 'order.canceled', status: 'canceled', timestamp: 't' },
  data: { reason: 'asked "for"\n' },
});

test('an event is one line of JSON, and is read back unchanged', () => {
  const event = eventOf();
  const text = eventText(event);
  expect(text).not.toContain('\n');
  expect(JSON.parse(text)).toEqual(event);
  expect(readEventText(text)).toEqual(event);
  expect(eventDataText(event)).toBe(JSON.stringify(event.data));
});

test('an event keeps the text that it was read from or first given', () => {
  const text = `${eventText(eventOf()).slice(0, -1)} }`;
  expect(eventText(readEventText(text))).toBe(text);
  const event = eventOf();
  const [whole, data] = [eventText(event), eventDataText(event)];
  Object.assign(event, { data: { reason: 'changed' } });
  expect([eventText(event), eventDataText(event)]).toEqual([whole, data]);
});
