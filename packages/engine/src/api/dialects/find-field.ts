import type { ExecuteOrderBody } from '@oee/api-schema';
import { ProblemError } from '../problems.ts';
import { type Meaning, type NameOf, namesOf } from './dialect.ts';

/** A field of a body, and what the client calls it. */
export interface Field<M extends Meaning> {
  readonly name: NameOf<M>;
  readonly value: NonNullable<ExecuteOrderBody[NameOf<M>]>;
}

/**
 * The one field of the body that has this meaning; undefined without one.
 * @throws {ProblemError} Two fields have it.
 */
export function findField<M extends Meaning>(body: ExecuteOrderBody, meaning: M): Field<M> | undefined {
  const [name, other] = namesOf(meaning).filter((one) => body[one] !== undefined);
  if (other !== undefined)
    throw new ProblemError('invalid_request', {
      detail: `${name} and ${other} mean the same.`,
      field: other,
      hint: `Send one of them.`,
    });
  if (name === undefined) return undefined;
  return { name, value: body[name] as NonNullable<ExecuteOrderBody[NameOf<M>]> };
}
