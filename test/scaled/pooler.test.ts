import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { get, receive, submit } from '../support/order-client.ts';
import { type PgbouncerServer, startPgbouncerServer } from '../support/pgbouncer-server.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import { PATIENT, type ScaledEngine, startScaledEngine } from '../support/scaled-engine.ts';

describeWith({ needs: 'redis-server' })('many processes', (redisProgram) => {
  describeWith({ needs: 'postgres' })('on one database', (postgresProgram) => {
    describeWith({ needs: 'pgbouncer' })('that is behind a transaction pooler', (poolerProgram) => {
      let postgres: PostgresServer;
      let pooler: PgbouncerServer;
      let redis: RedisServer;
      let engine: ScaledEngine;

      beforeAll(async () => {
        postgres = await startPostgresServer(postgresProgram);
        pooler = await startPgbouncerServer(poolerProgram, postgres.url);
        redis = await startRedisServer(redisProgram);
        engine = await startScaledEngine({
          databaseUrl: pooler.addressOf(postgres.url),
          redisUrl: redis.url,
          env: PATIENT,
        });
      }, 90_000);
      afterAll(async () => {
        await engine?.close();
        await redis?.close();
        await pooler?.close();
        postgres?.close();
      });

      test('they migrate the database, and carry orders from acceptance to the last event', async () => {
        await Promise.all([engine.startWorker(), engine.startWorker()]);
        const apis = await Promise.all([engine.startApi(), engine.startApi()]);
        const ids = await Promise.all(Array.from({ length: 10 }, (_, index) => submit(apis[index % 2]!)));
        const logs = await Promise.all(ids.map((id, index) => receive(apis[(index + 1) % 2]!, id)));
        for (const events of logs) {
          expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
          expect(events.at(-1)?.type).toBe('order.confirmed');
        }
        const { data } = (await get(`${apis[0]!.url}/api/orders?status=confirmed`)) as { data: unknown[] };
        expect(data).toHaveLength(10);
      }, 60_000);

      test("a process whose address lacks the pooler's parameter names the parameter", async () => {
        const silent = { DATABASE_URL: pooler.addressOf(postgres.url, { announced: false }) };
        await expect(engine.startWorker(silent)).rejects.toThrow('Cannot start: DATABASE_URL leads to a con');
      }, 60_000);
    });
  });
});
