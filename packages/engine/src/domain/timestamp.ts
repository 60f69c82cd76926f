import type { Branded } from './brand.ts';

/** Milliseconds since 1970 by a clock that may be set. Durations are plain numbers, and readings of the monotonic clock moments. */
export type EpochMs = Branded<number, 'EpochMs'>;
export const toEpochMs = (ms: number): EpochMs => ms as EpochMs;

/** The time so many milliseconds after another; before it if negative. */
export const timeAfter = (time: EpochMs, ms: number): EpochMs => toEpochMs(time + ms);

export const laterOf = (one: EpochMs, other: EpochMs): EpochMs => (one > other ? one : other);

// Conversions only: neither function reads a clock, so the domain stays deterministic.

/** RFC 3339 in UTC with milliseconds. */
export const toTimestamp = (epochMs: EpochMs): string =>
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  new Date(epochMs).toISOString();

/** Epoch milliseconds of a timestamp that `toTimestamp` wrote. */
export const fromTimestamp = (timestamp: string): EpochMs =>
  // biome-ignore lint/style/noRestrictedGlobals: converts a given time, does not read the clock.
  toEpochMs(Date.parse(timestamp));
