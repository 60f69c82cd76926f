import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const PASSWORD = 'p@ss:w/rd %';

describe('settings of other engines by their names', () => {
  test.each([
    ['redis://127.0.0.1:6379', { REDIS_HOST: '127.0.0.1' }],
    ['redis://localhost:6380', { REDIS_HOST: 'localhost', REDIS_PORT: '6380', REDIS_PASSWORD: '' }],
    ['redis://127.0.0.1:6381', { REDIS_PORT: '6381' }],
    ['redis://[::1]:6379', { REDIS_HOST: '::1' }],
    ['redis://:p%40ss%3Aw%2Frd%20%25@cache:6379', { REDIS_HOST: 'cache', REDIS_PASSWORD: PASSWORD }],
    [
      'redis://me:secret@cache:6379/2',
      { REDIS_HOST: 'cache', REDIS_USERNAME: 'me', REDIS_PASSWORD: 'secret', REDIS_DB: '2' },
    ],
    ['redis://cache:6379', { REDIS_URL: 'redis://cache:6379', REDIS_HOST: 'cache', REDIS_PORT: '6379' }],
    ['redis://cache', { REDIS_URL: 'redis://cache', REDIS_HOST: 'cache' }],
  ])('compose REDIS_URL %s', (url, env) => {
    expect(readConfig(env).REDIS_URL).toBe(url);
  });

  const DB = { DB_HOST: 'db', DB_NAME: 'orders', DB_USER: 'me' };
  test.each([
    ['postgres://me@db:5432/orders', DB],
    ['postgres://me:p%40ss%3Aw%2Frd%20%25@db:5433/orders', { ...DB, DB_PORT: '5433', DB_PASSWORD: PASSWORD }],
    ['postgres://me:x@db:5432/orders?sslmode=require', { ...DB, DB_PASSWORD: 'x', DB_SSL: 'require' }],
  ])('compose DATABASE_URL %s', (url, env) => {
    expect(readConfig(env).DATABASE_URL).toBe(url);
    expect(readConfig({ ...env, DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });

  test("are taken for this engine's own", () => {
    expect(readConfig({ SERVER_PORT: '3100' }).PORT).toBe(3100);
    expect(readConfig({ SERVER_PORT: '3100', PORT: '3100' }).PORT).toBe(3100);
    expect(readConfig({ RUST_LOG: 'warn' }).LOG_LEVEL).toBe('warn');
    expect(readConfig({ RUST_LOG: 'warn', LOG_LEVEL: 'debug' }).LOG_LEVEL).toBe('debug');
    const url = 'http://127.0.0.1:8899';
    expect(readConfig({ SOLANA_RPC_URL: url }).DEVNET_URL).toBe(url);
  });

  test.each([
    [
      'SOLANA_RPC_URL',
      { SOLANA_RPC_URL: 'https://api.devnet.solana.com' },
      /remove the line, or write DEVNET_URL=http/,
    ],
    ['SOLANA_RPC_URLS', { SOLANA_RPC_URLS: 'https://example.org' }, /remove the line/],
    ['SOLANA_PRIVATE_KEY', { SOLANA_PRIVATE_KEY: 'hidden-value' }, /write WALLET_FILE=\.\/wallet\.json/],
    ['WS_WORKER_CONCURRENCY', { WS_WORKER_CONCURRENCY: '50' }, /remove the line/],
    ['WS_WORKER_RATE_LIMIT', { WS_WORKER_RATE_LIMIT: '1000' }, /remove the line/],
    ['SERVER_PORT', { SERVER_PORT: '3100', PORT: '3000' }, /keep PORT and remove SERVER_PORT/],
    ['RUST_LOG', { RUST_LOG: 'hyper=debug' }, /write LOG_LEVEL=info/],
    ['REDIS_PORT', { REDIS_HOST: 'cache', REDIS_PORT: 'hidden-value' }, /write REDIS_URL=redis/],
    ['REDIS_HOST', { REDIS_URL: 'redis://one:6379', REDIS_HOST: 'two' }, /keep REDIS_URL/],
    [
      'REDIS_PASSWORD',
      { REDIS_URL: 'redis://127.0.0.1:6379', REDIS_PASSWORD: 'hidden-value' },
      /keep REDIS_URL, user and password in it/,
    ],
    ['DB_HOST', { DB_HOST: 'db', DB_PASSWORD: 'hidden-value' }, /write all three, or DATABASE_URL=postgres/],
    ['DB_PASSWORD', { DB_PASSWORD: 'hidden-value' }, /DB_HOST, DB_NAME and DB_USER/],
    ['DB_SSL', { ...DB, DB_SSL: 'hidden-value' }, /write DATABASE_URL=postgres/],
    [
      'DB_HOST',
      { ...DB, DB_PASSWORD: 'hidden-value', DATABASE_URL: 'postgres://me@elsewhere/orders' },
      /keep DATABASE_URL/,
    ],
  ])('without an equivalent here are refused: %s', (name, env, line) => {
    const error = messageOf(env);
    expect(error).toContain(name.startsWith('DB_PASS') ? 'DB_' : name);
    expect(error).toMatch(line);
    expect(error).not.toContain('hidden-value');
  });

  test('are refused all at once', () => {
    const lines = messageOf({
      WS_WORKER_CONCURRENCY: '50',
      WS_WORKER_RATE_LIMIT: '1000',
      SOLANA_RPC_URL: 'https://api.devnet.solana.com',
      HOST: '0.0.0.0',
    }).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'WS_WORKER_CONCURRENCY',
      'WS_WORKER_RATE_LIMIT',
      'SOLANA_RPC_URL',
      'HOST',
    ]);
  });
});

function messageOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}
