import { StoreUnavailable } from '../../ports/order-store.ts';

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

/** What node and `pg` say of a connection that is refused, lost, not to be had in time, or beyond the machine's means. */
const CONNECTION_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EMFILE|ENFILE|ENOSPC|EIO)$/;
const CONNECTION_MESSAGES =
  /connection terminated|connection error|timeout exceeded when trying to connect|query read timeout/i;
/** SQLSTATE: connection, resources, operator intervention (timeouts too), its machine, and a server that only reads. */
const AWAY_STATES = /^(08|53|57|58)...$|^25006$/;

/** Whether the database could not be asked, or could not answer now. A write may or may not have happened. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String((error as { code?: unknown }).code ?? '');
  return CONNECTION_CODES.test(code) || AWAY_STATES.test(code) || CONNECTION_MESSAGES.test(error.message);
}

/** The same methods; where the database is away they reject with `StoreUnavailable`, whose cause is the error itself. */
export function withStoreErrors<T extends object>(port: T): T {
  const wrapped: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(port) as [string, (...input: unknown[]) => Promise<unknown>][])
    wrapped[name] = (...input: unknown[]) =>
      method(...input).catch((error: unknown) => {
        throw isAway(error) ? new StoreUnavailable((error as Error).message, { cause: error }) : error;
      });
  return wrapped as T;
}
