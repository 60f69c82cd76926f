import type { PriceMarks } from '../../ports/price-marks.ts';

/** In the memory of the process: for tests and the simulation. */
export function createMemoryPriceMarks(): PriceMarks {
  const kept = new Map<string, string>();
  return {
    all: async () => [...kept].map(([name, marks]) => [name, JSON.parse(marks) as unknown] as const),
    write: async (name, marks) => void kept.set(name, JSON.stringify(marks)),
  };
}
