import { z } from 'zod';
import { EVENT_DATA } from './event-data.ts';
import { orderStatus } from './order.ts';

/** An event of one type: what all have, and the data of its own. */
const eventOf = <T extends keyof typeof EVENT_DATA>(type: T) =>
  z.object({
    orderId: z.string(),
    sequence: z.int(),
    type: z.literal(type),
    status: orderStatus,
    timestamp: z.iso.datetime(),
    data: EVENT_DATA[type],
  });

const position = { position: z.int().describe("Place in the account's stream, from 1 without a gap") };

const EVENTS = [
  eventOf('order.pending'),
  eventOf('order.opened'),
  eventOf('order.triggered'),
  eventOf('order.amended'),
  eventOf('order.routing'),
  eventOf('order.waiting'),
  eventOf('order.building'),
  eventOf('order.submitted'),
  eventOf('order.confirmed'),
  eventOf('order.failed'),
  eventOf('order.canceled'),
  eventOf('order.expired'),
  eventOf('order.cancel_requested'),
  eventOf('order.review_needed'),
  eventOf('order.reviewed'),
  eventOf('order.finalized'),
  eventOf('order.reorged'),
] as const;

/** One fact about an order: the same object in streams, REST and the log. `type` says what `data` is. */
export const orderEvent = z.discriminatedUnion('type', EVENTS);

const [first, ...others] = EVENTS;
/** A frame of the account's stream: an event and its place there. */
export const accountEvent = z.discriminatedUnion('type', [
  first.extend(position),
  ...others.map((event) => event.extend(position)),
]);

/** The first frame of the account's stream: events after this position follow. */
export const streamOpened = z.object({ type: z.literal('stream.opened'), position: z.int() });

export type WireOrderEvent = z.infer<typeof orderEvent>;
