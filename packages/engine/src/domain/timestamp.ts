// Conversions only: neither function reads a clock, so the domain stays deterministic.

// Many orders change in one millisecond, and the conversion takes as long as the rest of an event.
let last = { epochMs: Number.NaN, timestamp: '' };

/** RFC 3339 in UTC with milliseconds. */
export function toTimestamp(epochMs: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  if (epochMs !== last.epochMs) last = { epochMs, timestamp: new Date(epochMs).toISOString() };
  return last.timestamp;
}

/** Epoch milliseconds of a timestamp that `toTimestamp` wrote. */
export const fromTimestamp = (timestamp: string): number =>
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  timestamp === last.timestamp ? last.epochMs : Date.parse(timestamp);
