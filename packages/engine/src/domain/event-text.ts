import type { OrderEvent } from './order-event.ts';

const texts = new WeakMap<OrderEvent, string>();

/** The event as JSON, on one line. Written once and shared by store, bus and API, because events never change. */
export function eventText(event: OrderEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const { orderId, sequence, type, status, timestamp } = event;
  // Ids, names and times hold nothing that JSON would escape.
  const head = `"orderId":"${orderId}","sequence":${sequence},"type":"${type}","status":"${status}"`;
  const text = `{${head},"timestamp":"${timestamp}","data":${eventDataText(event)}}`;
  texts.set(event, text);
  return text;
}

const dataTexts = new WeakMap<OrderEvent, string>();

/** The event's data as JSON: the end of its text. */
export function eventDataText(event: OrderEvent): string {
  const known = dataTexts.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify(event.data);
  dataTexts.set(event, text);
  return text;
}

/** The event of a text that `eventText` made, perhaps in another process. */
export function readEventText(text: string): OrderEvent {
  const event = JSON.parse(text) as OrderEvent;
  texts.set(event, text);
  return event;
}
