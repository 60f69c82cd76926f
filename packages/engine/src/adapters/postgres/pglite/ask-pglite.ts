import type { PGlite } from '@electric-sql/pglite';

/**
 * Hands PGlite whole requests of the PostgreSQL protocol and gathers their answer, in memory of its own.
 * `execProtocolRaw` would also parse the answer, and keep what it parsed for as long as the database is open.
 */
export async function askPglite(db: PGlite, request: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  // A copy: a part lies in memory that PGlite uses again.
  await db.execProtocolRawStream(request, { onRawData: (part) => parts.push(part.slice()) });
  return parts.length === 1 ? parts[0]! : join(parts);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
