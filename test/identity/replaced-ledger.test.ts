import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
      /Cannot start: the ledger .* is missing, .* put the former ledger back/,
    );
    expect(existsSync(join(directory, 'devnet'))).toBe(false);
    await makeLedger(join(directory, 'devnet'), await freePort());
    await expect(startEngineProcess(options)).rejects.toThrow(
      /Cannot start: the ledger .* is the chain with genesis .* put the former ledger back/,
    );
    expect(readFileSync(file, 'utf8')).toBe(traded);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** That of a local Solana of its own. */
async function makeLedger(directory: string, port: number): Promise<void> {
  const main = fileURLToPath(new URL('../../packages/devnet/dist/main.js', import.meta.url));
  const devnet = spawn(process.execPath, [main, '--ledger', directory, '--port', String(port)]);
  await once(devnet.stdout, 'data'); // It is ready.
  devnet.kill('SIGTERM');
  await once(devnet, 'exit');
}
