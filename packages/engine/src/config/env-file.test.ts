import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadEnvFile } from './env-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'oee-env-file-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, '.env');

test('an environment file adds its variables, also behind a byte order mark, and changes none that is set', () => {
  writeFileSync(path, '\uFEFFPORT=3100\nHOST="::1" # loopback\nAPI_KEY=from-the-file\n');
  const env = { API_KEY: '', PORT: undefined };
  loadEnvFile(path, env);
  expect(env).toEqual({ PORT: '3100', HOST: '::1', API_KEY: '' });
});

test('an environment without a file stays as it is', () => {
  const env = { PORT: '3000' };
  loadEnvFile(join(directory, 'none'), env);
  expect(env).toEqual({ PORT: '3000' });
});
