import type { Problem } from '@oee/api-schema';

/**
 * An error with the members that clients of the dialects look for, beside the standard ones.
 * @param error What they show as its name.
 */
export function withDialectMembers(problem: Problem, error: string = problem.title): Problem {
  const details = [{ path: problem.field?.split('.') ?? [], message: problem.detail }];
  return Object.assign({ success: false, error, details }, problem);
}
