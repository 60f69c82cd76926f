import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../src/adapters/system/clock.ts';
import { DevnetRefused, startDevnetProcess } from '../src/main/devnet-process.ts';
import { createLogger } from '../src/telemetry/logger.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'oee-devnet-process-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const LAID: [what: string, lay: (path: string) => void][] = [
  ['is a directory', (path) => mkdirSync(path)],
  ['is empty', (path) => writeFileSync(path, '')],
  ['holds something else', (path) => writeFileSync(path, 'another\n')],
];

test.each(LAID)('a devnet-genesis-hash that %s is refused by name, and no ledger is made', async (_, lay) => {
  lay(join(dataDir, 'devnet-genesis-hash'));
  const started = startDevnetProcess({
    dataDir,
    allowUnlocked: false,
    port: 0,
    slotMs: 400,
    seed: 'devnet',
    market: 'none',
    clock: systemClock,
    log: createLogger('silent'),
  });
  await expect(started).rejects.toThrow(DevnetRefused);
  await expect(started).rejects.toThrow(`${join(dataDir, 'devnet-genesis-hash')} holds no genesis hash`);
  expect(readdirSync(dataDir)).toEqual(['devnet-genesis-hash']);
});
