import { swapExactIn, swapExactOut } from '../../src/pool.ts';
import type { Swap } from '../../src/swap.ts';
import { SwapRefused } from '../../src/swap-refused.ts';
import { READERS, type SwapReader } from './swap-readers.ts';
import { integerOf, type Json, optionOf, recordOf, textOf } from './vector-fields.ts';

/** Quotes one recorded swap and lists every expected field that differs. */
export function checkSwapCase(entry: Json, fileKind: unknown): string[] {
  const kind = typeof entry.kind === 'string' ? entry.kind : String(fileKind);
  const reader: SwapReader = optionOf(READERS, kind, 'kind');
  const expected = recordOf(entry.expected, 'expected');
  const outcome = run(reader, entry);
  if ('error' in expected) {
    return outcome instanceof SwapRefused
      ? []
      : [`expected a refusal (${expected.error}), got ${shown(outcome)}`];
  }
  if (outcome instanceof SwapRefused) return [`expected ${shown(expected)}, refused: ${outcome.message}`];
  return differences(expected, outcome);
}

function run(reader: SwapReader, entry: Json): Json | SwapRefused {
  const { pool, clock } = reader.read(recordOf(entry.state, 'state'), entry);
  const inputIndex = optionOf(reader.directions, textOf(entry, 'direction'), 'direction');
  const amount = integerOf(entry, 'amount');
  const swaps: Record<string, () => Swap> = {
    exactIn: () => swapExactIn(pool, { inputIndex, amountIn: amount, clock }),
    exactOut: () => swapExactOut(pool, { inputIndex, amountOut: amount, clock }),
  };
  const swap = optionOf(swaps, textOf(entry, 'mode'), 'mode');
  try {
    return reader.describe(swap());
  } catch (error) {
    if (error instanceof SwapRefused) return error;
    throw error;
  }
}

function differences(expected: Json, actual: Json): string[] {
  const found: string[] = [];
  for (const [field, value] of Object.entries(expected)) {
    if (!Object.hasOwn(actual, field)) found.push(`expected field ${field} is not known`);
    else if (String(actual[field]) !== String(value))
      found.push(`${field}: expected ${value}, got ${actual[field]}`);
  }
  return found;
}

function shown(fields: Json): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
