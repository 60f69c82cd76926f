import { expect, test } from 'vitest';
import { momentOf } from '../../domain/moment.ts';
import { VenueHealth } from './venue-health.ts';

const LATE = 'no answer within 1000 ms';
const round = (results: Record<string, string | null>) => new Map(Object.entries(results));

test('sidelines a venue after three failures in a row, twice as long each time, and reports it', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 2; count += 1) health.note(round({ slow: LATE, good: null }), momentOf(0));
  expect(health.sidelined('slow', momentOf(0))).toBeNull();
  health.note(round({ slow: LATE, good: null }), momentOf(0));
  expect(health.sidelined('slow', momentOf(4_999))).toBe(
    `sidelined for 1 s more after 3 failures in a row, the last: ${LATE}`,
  );
  expect(health.sidelined('slow', momentOf(5_000))).toBeNull();
  health.note(round({ slow: LATE, good: null }), momentOf(5_000));
  expect(health.of('slow').sidelinedUntil).toBe(momentOf(15_000));
  for (let count = 0; count < 9; count += 1) health.note(round({ slow: LATE, good: null }), momentOf(20_000));
  expect(health.of('slow').sidelinedUntil).toBe(momentOf(80_000));
  expect(health.sidelined('good', momentOf(0))).toBeNull();
});

test('one answer makes a venue healthy again', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 3; count += 1) health.note(round({ slow: LATE, good: null }), momentOf(0));
  health.note(round({ slow: null, good: null }), momentOf(5_000));
  expect(health.of('slow')).toEqual({ failures: 0, sidelinedUntil: null, lastFailure: null });
});

test('sidelines no venue while none answers', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 9; count += 1) health.note(round({ slow: LATE, good: LATE }), momentOf(0));
  expect(health.sidelined('slow', momentOf(0))).toBeNull();
});

test('concurrent rounds count as one failure', () => {
  const health = new VenueHealth();
  for (let count = 0; count < 9; count += 1)
    health.note(round({ slow: LATE, good: null }), momentOf(1_000 + count), momentOf(count));
  expect(health.of('slow').failures).toBe(1);
  health.note(round({ slow: LATE, good: null }), momentOf(2_000), momentOf(1_000));
  expect(health.of('slow').failures).toBe(2);
});
