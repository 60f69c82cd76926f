import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The orders of this directory have moved: two databases with one wallet do not know each other's transactions. */
export class MovedAway extends Error {
  override name = 'MovedAway';
}

const markOf = (dataDir: string): string => join(dataDir, 'database', 'moved-to-a-server');

/** From now on no engine starts on the embedded database; the move may be repeated. */
export function markMoved(dataDir: string): void {
  mkdirSync(join(dataDir, 'database'), { recursive: true });
  writeFileSync(markOf(dataDir), `${new Date().toISOString()}\n`, { flush: true });
}

/** @throws {MovedAway} The orders were moved, or a move was interrupted at its end. */
export function requireNotMoved(dataDir: string): void {
  if (existsSync(markOf(dataDir)))
    throw new MovedAway(
      `the orders of ${dataDir} were moved to a server: set DATABASE_URL. If the server has none of them, repeat the move, or remove ${markOf(dataDir)}`,
    );
}
