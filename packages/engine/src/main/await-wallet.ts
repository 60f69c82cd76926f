import type pg from 'pg';
import { readBinding } from '../adapters/postgres/binding.ts';
import { type Clock, msSince } from '../ports/clock.ts';

/** No worker of this database has ever started, so the database is bound to no wallet. */
export class NoWallet extends Error {
  override name = 'NoWallet';
}

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * The wallet that the workers of this database sign for; waits a while for the first of them.
 * @throws {NoWallet} If none came.
 */
export async function awaitWallet(pool: pg.Pool, clock: Clock): Promise<string> {
  const startedAt = clock.moment();
  for (;;) {
    const address = (await readBinding(pool))?.wallet;
    if (address) return address;
    if (msSince(clock, startedAt) > WAIT_MS)
      throw new NoWallet('no worker has bound this database to a wallet yet: npm run start:worker');
    await clock.sleep(LOOK_EVERY_MS);
  }
}
