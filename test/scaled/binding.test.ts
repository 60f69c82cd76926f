import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase58 } from '@oee/amm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { freePort, spawnEngine, startEngineProcess } from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { get, submit, until, untilOver } from '../support/order-client.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import {
  PATIENT,
  type ScaledEngine,
  type ServerProcess,
  startScaledEngine,
} from '../support/scaled-engine.ts';

const SECRET = 'a-secret-that-nobody-is-ever-told';
const directory = mkdtempSync(join(tmpdir(), 'oee-binding-'));
const fileOf = (name: string): string => join(directory, `${name}.json`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describeWith({ needs: 'redis-server' })('processes that differ', (redisProgram) => {
  describeWith({ needs: 'postgres' })('on one database', (postgresProgram) => {
    let postgres: PostgresServer;
    let redis: RedisServer;
    let engine: ScaledEngine;
    let worker: ServerProcess;

    beforeAll(async () => {
      postgres = await startPostgresServer(postgresProgram);
      redis = await startRedisServer(redisProgram);
      engine = await startScaledEngine({
        databaseUrl: postgres.url,
        redisUrl: redis.url,
        slotMs: 100,
        env: PATIENT,
      });
    }, 120_000);
    afterAll(async () => {
      await engine?.close();
      await redis?.close();
      postgres?.close();
    });

    test('of two workers that start at once with different wallets, one refuses', async () => {
      const starts = await Promise.allSettled(
        ['one', 'other'].map((name) => engine.startWorker({ WALLET_FILE: fileOf(name) })),
      );
      expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [winner, loser] = starts[0]!.status === 'fulfilled' ? starts : starts.toReversed();
      // The loser has made its wallet already, or finds the database bound before it makes one.
      expect(String((loser as PromiseRejectedResult).reason)).toMatch(
        /Cannot start: .* bound to the wallet \w+(, and this process has \w+|\. Put the file back)/,
      );
      worker = (winner as PromiseFulfilledResult<ServerProcess>).value;
    }, 150_000);

    test('a process with another secret, or another value of one setting, names it and does not start', async () => {
      const own = { WALLET_FILE: walletOf(worker) };
      const refusals = await Promise.all([
        refusalOf(engine.startWorker({ ...own, EXECUTION_SECRET: SECRET })),
        refusalOf(engine.startWorker({ ...own, MAX_TRIES: '9' })),
        refusalOf(engine.startApi({ MAX_PRICE_IMPACT_BPS: '5000' })),
      ]);
      expect(refusals[0]).toContain('Cannot start: EXECUTION_SECRET is another');
      expect(refusals[0]).not.toContain(SECRET);
      expect(refusals[1]).toMatch(
        /Cannot start: MAX_TRIES is 9 here and 10 there: .*\(worker, process \d+ on /,
      );
      expect(refusals[2]).toContain('Cannot start: MAX_PRICE_IMPACT_BPS is 5000 here and 1000 there');
    }, 150_000);

    test('a change of a setting ends the workers with the old value, and admits those with the new one', async () => {
      const changed = { MAX_PRICE_IMPACT_BPS: '900' };
      expect(await engine.rebind(['--settings'], changed)).toContain('changed settings');
      await expect.poll(() => worker.child.exitCode, { timeout: 60_000 }).toBe(1);
      expect(worker.output()).toContain('is not what this process has');
      const next = await engine.startWorker({ ...changed, WALLET_FILE: walletOf(worker) });
      await next.kill();
      // The row of a process that crashed holds a start with other values up, and does not prevent it.
      worker = await engine.startWorker({ WALLET_FILE: walletOf(worker) });
    }, 200_000);

    test('a worker that stood still while the database was bound to another wallet signs no more', async () => {
      const former = addressOf(worker);
      const elsewhere = { WALLET_FILE: fileOf('third') };
      await expect(engine.rebind(['--wallet'], elsewhere)).rejects.toThrow(/stop these processes first/);
      worker.child.kill('SIGSTOP');
      await until(() => engine.rebind(['--wallet'], elsewhere));
      const [successor, api] = await Promise.all([engine.startWorker(elsewhere), engine.startApi()]);
      worker.child.kill('SIGCONT');
      const orders = await Promise.all(Array.from({ length: 8 }, () => submit(api)));
      const statuses = await Promise.all(orders.map((orderId) => untilOver(api, orderId)));
      expect(statuses).toEqual(orders.map(() => 'confirmed'));
      await expect.poll(() => worker.child.exitCode, { timeout: 60_000 }).toBe(1);
      const landed = await landedSwapsByOrder(engine.devnetUrl, addressOf(successor));
      expect(orders.map((orderId) => landed.get(orderId))).toEqual(orders.map(() => 1));
      expect(await landedSwapsByOrder(engine.devnetUrl, former)).toEqual(new Map());
    }, 240_000);

    const addressOf = (one: ServerProcess): string => /"wallet":"(\w+)"/.exec(one.output())![1]!;
    /** The loser may have found the database bound before it made a wallet. */
    const walletOf = (one: ServerProcess): string =>
      ['one', 'other']
        .map(fileOf)
        .filter((file) => existsSync(file))
        .find((file) => addressOf(one) === addressIn(file))!;
  });
});

test('without its wallet.json an engine whose database has orders creates no other wallet', async () => {
  const dataDir = mkdtempSync(join(directory, 'data-'));
  const options = { dataDir, port: await freePort(), devnetPort: await freePort() };
  const engine = await startEngineProcess(options);
  const { data } = (await get(`${engine.url}/api/wallets`)) as { data: { address: string }[] };
  expect(await untilOver(engine, await submit(engine))).toBe('confirmed');
  await engine.stop();
  rmSync(join(dataDir, 'wallet.json'));
  const { child, output } = spawnEngine(options);
  await expect.poll(() => child.exitCode, { timeout: 60_000 }).toBe(1);
  expect(output()).toContain(
    `wallet.json is missing, and the database is bound to the wallet ${data[0]!.address}`,
  );
  expect(existsSync(join(dataDir, 'wallet.json'))).toBe(false);
}, 180_000);

const refusalOf = (start: Promise<unknown>): Promise<string> => start.then(String, String);

/** The address of a keypair file: the last 32 of its bytes. */
const addressIn = (file: string): string =>
  encodeBase58(Uint8Array.from(JSON.parse(readFileSync(file, 'utf8')) as number[]).subarray(32));
