import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('reads defaults from an empty environment', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    PORT: 3000,
    HOST: '127.0.0.1',
    DEVNET_PORT: 8899,
    DEVNET_SLOT_MS: 400,
    API_KEY: null,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test.each([
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['PORT', 'http'],
  ['DEVNET_SLOT_MS', '1'],
  ['LOG_LEVEL', 'loud'],
  ['QUEUE_MAX_CONCURRENCY', '0'],
  ['QUEUE_RATE_LIMIT_PER_MINUTE', '1.5'],
  ['DATA_DIR', ' '],
  ['POOLS', 'not,addresses'],
  ['DATABASE_URL', 'mysql://x'],
  ['CHAIN', 'live'],
  ['JUPITER_URL', 'api.jup.ag'],
  ['JUPITER_URL', 'https://api.jup.ag/swap/v2/'],
  ['JUPITER_API_KEY', 'two words'],
  ['REDIS_URL', 'http://127.0.0.1'],
  ['WS_WORKER_CONCURRENCY', '5'],
  ['WS_WORKER_RATE_LIMIT', '100'],
  ['DEVNET_URL', 'ftp://127.0.0.1:8899'],
  ['SOLANA_RPC_URLS', 'https://example.org'],
])('names the variable when %s is %s', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name);
});

test('reads the origins of pages in the form that browsers send', () => {
  expect(readConfig({}).CORS_ORIGIN).toEqual([]);
  const CORS_ORIGIN = 'http://localhost:5173, https://App.example:443/';
  expect(readConfig({ CORS_ORIGIN }).CORS_ORIGIN).toEqual(['http://localhost:5173', 'https://app.example']);
});

test.each([
  '*',
  'https://*.example',
  'null',
  'localhost:5173',
  'http://localhost:5173/app',
  'ftp://a.example',
  'http://a,,',
])('refuses %s as an origin, and names the right form', (CORS_ORIGIN) =>
  expect(() => readConfig({ CORS_ORIGIN })).toThrow(/CORS_ORIGIN must .*http:\/\/localhost:5173/),
);

test('never repeats a secret that is wrong', () => {
  expect(() => readConfig({ API_KEY: 'short-secret' })).toThrow(/API_KEY/);
  expect(() => readConfig({ API_KEY: 'short-secret' })).not.toThrow(/short-secret/);
});

test("sends Jupiter's key encrypted or to this machine only", () => {
  const key = { JUPITER_API_KEY: 'secret' };
  for (const url of [undefined, 'off', 'http://jupiter.example/swap/v2'])
    expect(() => readConfig({ ...key, JUPITER_URL: url })).toThrow('JUPITER_API_KEY needs');
  expect(readConfig({ ...key, JUPITER_URL: 'http://[::1]:80/swap/v2' }).JUPITER_API_KEY).toBe('secret');
  expect(readConfig({ ...key, JUPITER_URL: 'https://api.jup.ag/swap/v2' }).JUPITER_API_KEY).toBe('secret');
});

test('refuses to listen beyond loopback without a key', () => {
  expect(() => readConfig({ HOST: '0.0.0.0' })).toThrow('API_KEY');
  expect(readConfig({ HOST: '0.0.0.0', API_KEY: 'k'.repeat(32) }).HOST).toBe('0.0.0.0');
  expect(readConfig({ HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'yes' }).HOST).toBe('0.0.0.0');
});

test('reports every wrong variable at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT[\s\S]*LOG_LEVEL/);
});

test('takes Redis without a database server: one process on the embedded store', () => {
  const REDIS_URL = 'redis://127.0.0.1';
  expect(readConfig({ REDIS_URL })).toMatchObject({ REDIS_URL, DATABASE_URL: null });
});

test('names each variable that a command requires, with every other wrong variable', () => {
  const env = { DATABASE_URL: 'postgres://127.0.0.1/oee', HOST: '0.0.0.0', PORT: 'x', REDIS_DB: 'main' };
  const needs = { command: 'start:api', names: ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL'] } as const;
  expect(() => readConfig(env, needs)).toThrow(
    /REDIS_DB[^\n]*\nPORT[^\n]*\nHOST 0.0.0.0[^\n]*API_KEY[^\n]*\nstart:api needs REDIS_URL, DEVNET_URL: write REDIS_URL=\S+, DEVNET_URL=\S+/,
  );
  expect(() =>
    readConfig({ DATABASE_URL: env.DATABASE_URL }, { ...needs, names: ['DATABASE_URL'] }),
  ).not.toThrow();
});
