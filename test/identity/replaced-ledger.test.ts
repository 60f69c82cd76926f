import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startEngineProcess } from '../support/engine-process.ts';

test('a DATA_DIR whose ledger was replaced keeps the genesis hash that it traded on, and does not start', {
  timeout: 240_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oee-identity-'));
  try {
    const options = { dataDir: directory, port: await freePort(), devnetPort: await freePort() };
    const engine = await startEngineProcess(options);
    const file = join(directory, 'devnet-genesis-hash');
    const traded = readFileSync(file, 'utf8');
    expect(await engine.stop()).toBe(0);
    rmSync(join(directory, 'devnet'), { recursive: true });
    await expect(startEngineProcess(options)).rejects.toThrow(
      /Cannot start: the ledger .* put the former ledger back/,
    );
    expect(readFileSync(file, 'utf8')).toBe(traded);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
