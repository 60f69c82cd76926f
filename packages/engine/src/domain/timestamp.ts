// Conversions only: neither function reads a clock, so the domain stays deterministic.

/** RFC 3339 in UTC with milliseconds. */
// biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
export const toTimestamp = (epochMs: number): string => new Date(epochMs).toISOString();

/** Epoch milliseconds of a timestamp that `toTimestamp` wrote. */
// biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
export const fromTimestamp = (timestamp: string): number => Date.parse(timestamp);
