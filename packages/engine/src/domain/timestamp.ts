// Conversions only: neither function reads a clock, so the domain stays deterministic.

/** RFC 3339 in UTC with milliseconds. */
export const toTimestamp = (epochMs: number): string =>
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  new Date(epochMs).toISOString();

/** Epoch milliseconds of a timestamp that `toTimestamp` wrote. */
export const fromTimestamp = (timestamp: string): number =>
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  Date.parse(timestamp);
