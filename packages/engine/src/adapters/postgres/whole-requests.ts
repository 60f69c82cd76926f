import type { PGlite } from '@electric-sql/pglite';

/** The two messages of the PostgreSQL protocol that end a request: Query and Sync. */
const REQUEST_ENDS = new Set(['Q', 'S'].map((letter) => letter.charCodeAt(0)));

/**
 * The part of PGlite that its `pg` connection uses, with the messages of each request handed over together.
 *
 * Handed over one by one, as the connection does it, a prepared statement that fails (a unique index, say) leaves
 * `pg` one answer behind: later queries get the rows of others. A whole request is answered in one piece.
 */
export function wholeRequests(db: PGlite): PGlite {
  let held: Uint8Array[] = [];
  const connectionSide: Pick<PGlite, 'waitReady' | 'execProtocolStream'> = {
    waitReady: db.waitReady,
    execProtocolStream: async (message, options) => {
      held.push(message);
      if (!REQUEST_ENDS.has(message[0] ?? 0)) return [];
      const request = new Uint8Array(Buffer.concat(held));
      held = [];
      return db.execProtocolStream(request, options);
    },
  };
  return connectionSide as PGlite;
}
