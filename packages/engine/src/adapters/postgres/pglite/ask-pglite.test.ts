import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { askPglite } from './ask-pglite.ts';

const MIB = 1_024 * 1_024;
const LONG = 1_000_000;

test('PGlite keeps no part of an answer in memory', async () => {
  const db = await PGlite.create();
  await askLong(db);
  const before = heapUsedMiB();
  for (let round = 0; round < 50; round += 1) expect((await askLong(db)).length).toBeGreaterThan(LONG);
  expect(heapUsedMiB() - before).toBeLessThan(5);
  await db.close();
});

const askLong = (db: PGlite): Promise<Uint8Array> => askPglite(db, query(`SELECT repeat('x', ${LONG})`));

/** A Query message of the PostgreSQL protocol. */
function query(statement: string): Uint8Array {
  const length = 4 + statement.length + 1;
  const message = Buffer.alloc(1 + length);
  message.write('Q', 0);
  message.writeUInt32BE(length, 1);
  message.write(statement, 5);
  return message;
}

/** Of what a collection leaves. */
function heapUsedMiB(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / MIB;
}
