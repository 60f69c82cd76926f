import { z } from 'zod';

const HINTS = z.registry<{ readonly hint: string }>();

/** The field with what a client should send instead, where its value is refused. */
export const hinted = <T extends z.ZodType>(field: T, hint: string): T => {
  HINTS.add(field, { hint });
  return field;
};

/** What a client should send in a field of a body or a query; undefined where the contract has nothing to say. */
export function hintOf(fields: z.ZodType | undefined, name: string): string | undefined {
  if (!(fields instanceof z.ZodObject) || !Object.hasOwn(fields.shape, name)) return undefined;
  return hintIn(fields.shape[name] as z.ZodType);
}

/** The outermost hint: a field may narrow what its schema says in general. */
function hintIn(field: z.ZodType): string | undefined {
  const { hint } = HINTS.get(field) ?? {};
  if (hint !== undefined) return hint;
  const isWrapped = field instanceof z.ZodOptional || field instanceof z.ZodDefault;
  return isWrapped ? hintIn(field.unwrap() as z.ZodType) : undefined;
}
