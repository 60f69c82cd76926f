import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createTestDatabase,
  describeWithPostgres,
  type TestDatabase,
} from '../../packages/engine/src/adapters/postgres/test-databases.suite.ts';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { get, until } from '../support/order-client.ts';
import { restoreDump } from '../support/restore-dump.ts';

const DIRECTORY = fileURLToPath(new URL('../../packages/engine/test/fixtures/databases/', import.meta.url));
const archives = readdirSync(DIRECTORY).filter((name) => name.endsWith('.tar.xz'));
/** Of engines on a server: the directory has its dump. */
const isOnServer = (name: string): boolean => name.startsWith('server-');

let dataDir: string;
let engine: EngineProcess | undefined;
let database: TestDatabase | undefined;
afterEach(async () => {
  await engine?.kill();
  await database?.close();
  database = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

interface Shown {
  readonly orderId: string;
  readonly status: string;
  readonly cancelRequested: boolean;
}

const startsAndGoesOn = (names: readonly string[]): void =>
  test.each(names)(
    '%s starts, with its own chain and wallet, shows every order, and fills each at most once',
    async (name) => {
      dataDir = mkdtempSync(join(tmpdir(), 'oee-old-'));
      execFileSync('tar', ['-xf', join(DIRECTORY, name), '-C', dataDir]);
      const env = {
        QUOTE_TIMEOUT_MS: '10000',
        MAX_TRIES: '10',
        DEVNET_SLOT_MS: '100',
        ...(await databaseOf(name)),
      };
      engine = await startEngineProcess({
        dataDir,
        port: await freePort(),
        devnetPort: await freePort(),
        env,
      });
      const { url, devnetUrl } = engine;
      const list = async () => ((await get(`${url}/api/orders?limit=200`)) as { data: Shown[] }).data;
      expect((await list()).length).toBeGreaterThan(20);
      const orders = await until(async () => {
        const now = await list();
        return now.some(({ status }) => ['routing', 'building', 'submitted'].includes(status))
          ? undefined
          : now;
      });
      for (const { orderId } of orders) {
        expect((await fetch(`${url}/api/orders/${orderId}/explain`)).status, orderId).toBe(200);
        expect((await fetch(`${url}/api/orders/${orderId}/events`)).status, orderId).toBe(200);
      }
      const wallets = (await get(`${url}/api/wallets`)) as { data: { address: string }[] };
      const landed = await landedSwapsByOrder(devnetUrl, wallets.data[0]!.address);
      await expectOwnMarket(devnetUrl, name);
      for (const { orderId, status } of orders)
        expect(landed.get(orderId) ?? 0, `${status} ${orderId}`).toBe(status === 'confirmed' ? 1 : 0);
    },
    240_000,
  );

async function databaseOf(name: string): Promise<{ DATABASE_URL?: string }> {
  if (!isOnServer(name)) return {};
  database = await createTestDatabase();
  await restoreDump(database.pool, readFileSync(join(dataDir, 'orders.sql'), 'utf8'));
  return { DATABASE_URL: database.url };
}

describe('the directory of an older version', () =>
  startsAndGoesOn(archives.filter((name) => !isOnServer(name))));
await describeWithPostgres('the directory of an older version on a server', () =>
  startsAndGoesOn(archives.filter(isOnServer)),
);

const FIRST_TOKENS = ['SOL', 'USDC', 'USDT', 'JUP', 'RAY', 'BONK', 'WIF', 'PYTH', 'mSOL', 'JitoSOL'];

/** The ledger lists what it was made with, and not what later versions' ledgers begin with: that could not be funded. */
async function expectOwnMarket(devnetUrl: string, name: string): Promise<void> {
  const { tokens, pools } = (await get(`${devnetUrl}/admin/market`)) as {
    tokens: { symbol: string; mint: string }[];
    pools: unknown[];
  };
  const symbols = tokens.map(({ symbol }) => symbol);
  expect(symbols).toEqual(name.includes('0023') ? [...FIRST_TOKENS, 'BTC', 'ETH', 'BNB'] : FIRST_TOKENS);
  expect(pools.length).toBeGreaterThan(20);
  const funded = await fetch(`${devnetUrl}/admin/fund`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      owner: 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
      tokens: tokens.map(({ mint }) => ({ mint, amount: '1' })),
    }),
  });
  expect(funded.status, await funded.text()).toBe(200);
}
