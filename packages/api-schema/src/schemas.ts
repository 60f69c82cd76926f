import { z } from 'zod';
import { dialectOrder } from './dialect-order.ts';
import { executeOrderBody } from './execute-order.ts';
import { order } from './order.ts';
import { orderEvent } from './order-event.ts';
import { reviewOrderBody } from './review-order.ts';
import { submitOrderBody } from './submit-order.ts';

/** Parts that are named once and referred to. */
export const COMPONENTS: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [order, 'Order'],
  [orderEvent, 'OrderEvent'],
  [dialectOrder, 'DialectOrder'],
  [submitOrderBody, 'SubmitOrder'],
  [reviewOrderBody, 'ReviewOrder'],
  [executeOrderBody, 'ExecuteOrder'],
]);
const BODIES: ReadonlySet<z.ZodType> = new Set([submitOrderBody, reviewOrderBody, executeOrderBody]);

/** The part by its name if it has one. */
export function refer(schema: z.ZodType): object {
  const name = COMPONENTS.get(schema);
  return name ? { $ref: `#/components/schemas/${name}` } : toSchema(schema);
}

/** JSON Schema (2020-12) of a part of the contract; parts in it that have names are referred to. */
export function toSchema(
  schema: z.ZodType,
  io: 'input' | 'output' = BODIES.has(schema) ? 'input' : 'output',
): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    override({ zodSchema, jsonSchema, path }) {
      // Answers gain fields in later versions; clients are to ignore what they do not know.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
      const name = (COMPONENTS as ReadonlyMap<unknown, string>).get(zodSchema);
      if (name === undefined || path.length === 0) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = `#/components/schemas/${name}`;
    },
  });
  return rest;
}
