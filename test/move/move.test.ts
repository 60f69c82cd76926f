import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freePort, spawnEngine, startEngineProcess } from '../support/engine-process.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';

const MOVE = fileURLToPath(new URL('../../packages/engine/dist/main/move.js', import.meta.url));

describeWith({ needs: 'postgres' })('a move to a server', (postgresProgram) => {
  test('moves the orders, and the directory refuses to start without the server', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'oee-move-'));
    const server = await startPostgresServer(postgresProgram);
    const options = { dataDir, port: await freePort(), devnetPort: await freePort() };
    const move = (...args: string[]) =>
      promisify(execFile)(process.execPath, [MOVE, ...args], {
        env: { PATH: process.env.PATH, DATA_DIR: dataDir },
      });
    try {
      const embedded = await startEngineProcess(options);
      const body = JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.1' });
      const headers = { 'content-type': 'application/json', prefer: 'wait=20', 'idempotency-key': 'one' };
      const submit = () =>
        fetch(`http://127.0.0.1:${options.port}/api/orders`, { method: 'POST', headers, body });
      const { orderId } = (await (await submit()).json()) as { orderId: string };
      await expect(move('--to', server.url)).rejects.toThrow(/is in use|locked|already/i);
      await embedded.stop();

      await expect(move('--to', 'nowhere')).rejects.toThrow(/name the target/);
      expect((await move('--to', server.url)).stdout).toMatch(/1 {2}orders\n/);
      await expect(move('--to', server.url)).rejects.toThrow(/the target has rows/);
      const { child, output } = spawnEngine(options);
      await expect.poll(() => child.exitCode, { timeout: 60_000 }).toBe(1);
      expect(output()).toContain('set DATABASE_URL');

      // The binding came along; a review of the chain would come after it.
      const elsewhere = { DATABASE_URL: server.url };
      const strangers: [Record<string, string>, RegExp][] = [
        [{ WALLET_FILE: join(dataDir, 'other.json') }, /the database is bound to the wallet \w+/],
        [{ EXECUTION_SECRET: 'x'.repeat(40) }, /EXECUTION_SECRET is another/],
      ];
      for (const [env, said] of strangers) {
        const stranger = spawnEngine({ ...options, env: { ...elsewhere, ...env }, args: ['--recovered'] });
        await expect.poll(() => stranger.child.exitCode, { timeout: 60_000 }).toBe(1);
        expect(stranger.output()).toMatch(said);
      }

      const moved = await startEngineProcess({ ...options, env: { DATABASE_URL: server.url } });
      const again = await submit();
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(await again.json()).toMatchObject({ orderId, status: 'confirmed' });
      await moved.stop();
    } finally {
      server.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 300_000);
});
