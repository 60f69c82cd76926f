import { describe, expect, test } from 'vitest';
import { ComputeUnitTable } from './compute-unit-table.ts';
import { momentOf } from './moment.ts';

function tableOf(...samples: readonly (readonly [units: number, atMs: number])[]): ComputeUnitTable {
  const table = new ComputeUnitTable({ leastSamples: 5, mostUnits: 100 });
  for (const [units, atMs] of samples) table.note('shape', units, momentOf(atMs));
  return table;
}

const FIVE = [10, 50, 20, 30, 40].map((units, index) => [units, index] as const);

describe('a shape', () => {
  test('is unknown before its fifth sample, and then has the most units of all', () => {
    expect(tableOf(...FIVE.slice(1)).known('shape', momentOf(4))).toBeNull();
    expect(tableOf(...FIVE).known('shape', momentOf(7))).toEqual({ units: 50, samples: 5, ageMs: 3 });
    expect(tableOf(...FIVE).known('other', momentOf(7))).toBeNull();
  });

  test('is unknown again when one of five samples is ten minutes old', () => {
    expect(tableOf(...FIVE).known('shape', momentOf(600_000))).not.toBeNull();
    expect(tableOf(...FIVE).known('shape', momentOf(600_001))).toBeNull();
  });

  test('keeps its last twenty samples', () => {
    const later = Array.from({ length: 20 }, (_, index) => [7, 10 + index] as const);
    expect(tableOf(...FIVE, ...later).known('shape', momentOf(30))).toEqual({
      units: 7,
      samples: 20,
      ageMs: 1,
    });
  });

  test('without samples uses the most if none are needed', () => {
    const table = new ComputeUnitTable({ leastSamples: 0, mostUnits: 100 });
    expect(table.known('shape', momentOf(4))).toEqual({ units: 100, samples: 0, ageMs: 0 });
  });

  test('is forgotten after a failure', () => {
    const table = tableOf(...FIVE);
    table.forget('shape');
    expect(table.known('shape', momentOf(4))).toBeNull();
  });

  test('that was noted least recently is forgotten when there are too many', () => {
    const table = tableOf(...FIVE);
    for (let index = 0; index < 999; index += 1) table.note(`${index}`, 1, momentOf(5));
    expect(table.known('shape', momentOf(5))).not.toBeNull();
    table.note('one more', 1, momentOf(5));
    expect(table.known('shape', momentOf(5))).toBeNull();
  });
});
