import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort, startEngineProcess } from '../support/engine-process.ts';
import { describeWith } from '../support/requires.ts';

const FOLDER = fileURLToPath(new URL('../../docs/postman', import.meta.url));

interface Report {
  readonly run: {
    readonly stats: Record<'requests' | 'assertions', { total: number; failed: number }>;
    readonly failures: { error: { message: string }; source: { name: string } }[];
  };
}

describeWith({ needs: 'newman' })('the Postman collection', (newman) => {
  test('passes against a running engine', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'oee-postman-'));
    const engine = await startEngineProcess({
      dataDir: directory,
      port: await freePort(),
      devnetPort: await freePort(),
      env: { DEVNET_SLOT_MS: '50' },
    });
    try {
      const { run } = await runCollection(newman, engine.url, join(directory, 'report.json'));
      expect(run.failures.map(({ source, error }) => `${source.name}: ${error.message}`)).toEqual([]);
      expect(run.stats.requests.total).toBeGreaterThan(30);
      expect(run.stats.assertions.total).toBeGreaterThan(60);
    } finally {
      await engine.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 120_000);
});

async function runCollection(newman: string, baseUrl: string, report: string): Promise<Report> {
  const run = spawn(
    newman,
    [
      'run',
      join(FOLDER, 'order-execution-engine.postman_collection.json'),
      ...['--environment', join(FOLDER, 'local.postman_environment.json')],
      ...['--env-var', `baseUrl=${baseUrl}`],
      ...['--reporters', 'json', '--reporter-json-export', report],
    ],
    { stdio: 'inherit' },
  );
  await once(run, 'close');
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}
