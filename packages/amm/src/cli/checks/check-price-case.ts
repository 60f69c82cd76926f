import type { Json } from './vector-fields.ts';

/** One line of a table of tick or bin prices. */
export function checkPriceCase(_entry: Json): string[] {
  throw new Error('price tables are not supported');
}
