import type { OrderEvent } from '../../domain/order-event.ts';

/** The text frames of an event; none if the event has no frame. Called once per event, in order. */
export type FrameWriter = (event: OrderEvent) => readonly string[];
