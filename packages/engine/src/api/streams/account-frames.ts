import type { AccountEvent } from '../../domain/order-event.ts';

/** An event of the account's stream as JSON: the event with its position. */
export type AccountFrames = (accountEvent: AccountEvent) => string;

// Sockets at the end of a stream show an event within one page of each other.
const KEPT_FRAMES = 256;

/**
 * Writes each event once, however many sockets show it, as long as it is one of the newest: the bus hands the same event to
 * all of them.
 */
export function createAccountFrames(): AccountFrames {
  const kept: { readonly event: AccountEvent['event']; readonly frame: string }[] = [];
  return ({ position, event }) => {
    const place = position % KEPT_FRAMES;
    if (kept[place]?.event === event) return kept[place].frame;
    const frame = `${JSON.stringify(event).slice(0, -1)},"position":${position}}`;
    kept[place] = { event, frame };
    return frame;
  };
}
