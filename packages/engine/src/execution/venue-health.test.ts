import { expect, test } from 'vitest';
import { VenueHealth } from './venue-health.ts';

const LATE = 'no answer within 1000 ms';
const round = (results: Record<string, string | null>) => new Map(Object.entries(results));

test('sidelines a venue after three failures in a row, for twice as long each time, and says so', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 2; count += 1) health.note(round({ slow: LATE, good: null }), 0);
  expect(health.sidelined('slow', 0)).toBeNull();
  health.note(round({ slow: LATE, good: null }), 0);
  expect(health.sidelined('slow', 4_999)).toBe(
    `sidelined until 1970-01-01T00:00:05.000Z after 3 failures in a row, the last: ${LATE}`,
  );
  expect(health.sidelined('slow', 5_000)).toBeNull();
  health.note(round({ slow: LATE, good: null }), 5_000);
  expect(health.of('slow').sidelinedUntilMs).toBe(15_000);
  for (let count = 0; count < 9; count += 1) health.note(round({ slow: LATE, good: null }), 20_000);
  expect(health.of('slow').sidelinedUntilMs).toBe(80_000);
  expect(health.sidelined('good', 0)).toBeNull();
});

test('one answer makes a venue well', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 3; count += 1) health.note(round({ slow: LATE, good: null }), 0);
  health.note(round({ slow: null, good: null }), 5_000);
  expect(health.of('slow')).toEqual({ failures: 0, sidelinedUntilMs: null, lastFailure: null });
});

test('blames no venue while nobody answers', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 9; count += 1) health.note(round({ slow: LATE, good: LATE }), 0);
  expect(health.sidelined('slow', 0)).toBeNull();
});
