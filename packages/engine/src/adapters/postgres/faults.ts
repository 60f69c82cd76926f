/** SQLSTATE classes that roll a statement back for what is in it, or for whom it met: data, integrity, deadlock. */
const STATEMENT_FAULT_CLASSES = new Set(['22', '23', '40']);

/**
 * Whether the database answered that nothing of the statement was written, and that its parts may do better alone.
 * A broken connection or a timeout is not such an answer: the write may have happened.
 */
export function isStatementFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.length === 5 && STATEMENT_FAULT_CLASSES.has(code.slice(0, 2));
}
