import type { SubmitRefusal } from '../execution/refusals.ts';
import { ProblemError } from './problems.ts';

/** A refusal of the execution as the answer to a client. */
export const refusedAs = ({ code, reason, hint, field }: SubmitRefusal): ProblemError =>
  new ProblemError(code, { detail: reason, hint, field });
