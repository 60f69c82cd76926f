import { z } from 'zod';

/** JSON Schema (draft 7) of a part of the contract, as Fastify's validator takes it. */
export const toJsonSchema = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
};
