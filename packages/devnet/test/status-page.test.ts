import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/requires.ts';
import type { Devnet } from '../src/index.ts';
import { post, startManualDevnet } from './support/client.ts';

let devnet: Devnet;
beforeAll(async () => {
  devnet = await startManualDevnet();
});
afterAll(() => devnet.stop());

test('allows no script but its own, and loads no foreign resource', async () => {
  const response = await fetch(`${devnet.url}/`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

describeWith({ needs: 'chromium' })('the status page in a browser', (chromium) => {
  async function shown(): Promise<string> {
    const profile = mkdtempSync(join(tmpdir(), 'devnet-page-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
    const page = ['--virtual-time-budget=5000', '--dump-dom', `${devnet.url}/`];
    try {
      return (await promisify(execFile)(chromium, [...flags, ...page], { timeout: 50_000 })).stdout;
    } finally {
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  test('shows slots, faults and pools, and escapes their texts', {
    timeout: 60_000,
  }, async () => {
    await post(devnet, '/admin/faults', { http503: { rate: 0.5 } });
    const reference = '<img src=x onerror=alert(1)>';
    await post(devnet, '/admin/scenarios', { reference, scenario: 'drop' });
    const page = await shown();
    expect(page).toContain('live');
    expect(page).toContain(`<dd>${devnet.genesisHash}</dd>`);
    expect(page).toMatch(/<li>http503 of node 1 \{.*"rate":0\.5/);
    expect(page).toContain('<li>drop for &lt;img src=x onerror=alert(1)&gt;</li>');
    expect(page).toMatch(/<td>SOL \/ USDC<\/td><td>raydium-cpmm<\/td><td>0\.25 %<\/td>/);
  });
});
