import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { describeWith } from '../support/requires.ts';
import { FRONT_END_SCRIPT } from './front-end-page.ts';

const TEST_MS = 120_000;

/** What the page in the browser saw; see front-end-page.ts. */
interface Seen {
  readonly [step: string]: unknown;
}

describeWith({ needs: 'chromium' })('a front end of another origin, in a browser', (chromium) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-front-end-'));
  let engine: EngineProcess;
  let allowed: Site;
  let stranger: Site;

  beforeAll(async () => {
    const port = await freePort();
    [allowed, stranger] = await Promise.all([serveSite(port), serveSite(port)]);
    engine = await startEngineProcess({
      dataDir,
      port,
      devnetPort: await freePort(),
      env: { DEVNET_SLOT_MS: '50', CORS_ORIGIN: `https://app.example,${allowed.origin}` },
    });
  }, TEST_MS);
  afterAll(async () => {
    await engine?.stop();
    for (const site of [allowed, stranger]) site?.server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('submits, lists, opens and follows orders as the React front end does', {
    timeout: TEST_MS,
  }, async () => {
    const seen = await openIn(chromium, allowed);
    expect(seen.error).toBeUndefined();
    expect(seen.created).toMatchObject({
      status: 201,
      body: { success: true, status: 'pending', message: 'Order created and queued for execution' },
    });
    expect(seen.socket).toEqual({
      opened: 1,
      closed: 0,
      frames: ['connected', 'pending', 'routing', 'building', 'submitted', 'confirmed', 'pong'],
    });
    expect(seen.detail).toMatchObject({
      success: true,
      order: {
        tokenIn: 'SOL',
        tokenOut: 'USDC',
        amountIn: '1.5',
        slippageTolerance: 0.5,
        minAmountOut: null,
        status: 'confirmed',
        dexType: expect.stringMatching(/./),
        executedPrice: expect.stringMatching(/^\d/),
        txHash: expect.stringMatching(/^\w{86,88}$/),
        errorReason: null,
      },
    });
    expect(seen.failed).toMatchObject({
      success: true,
      order: { status: 'failed', minAmountOut: '99999', errorReason: expect.stringContaining('99999') },
    });
    expect(seen.failedFrame).toMatchObject({
      status: 'failed',
      errorReason: expect.stringContaining('99999'),
    });
    expect(seen.refused).toMatchObject({
      status: 400,
      body: {
        success: false,
        error: 'Tokens are the same',
        details: [{ path: ['tokenOut'], message: 'tokenIn and tokenOut are the same token.' }],
      },
    });
    expect(seen.unknown).toMatchObject({
      status: 404,
      body: { success: false, error: expect.stringMatching(/./) },
    });
    for (const list of [seen.list, seen.dashboard])
      expect(list).toMatchObject({
        success: true,
        count: 2,
        orders: [{ status: 'failed' }, { status: 'confirmed' }],
      });
    expect(seen.requestId).toMatch(/./); // A header that browsers show only where it is exposed.
  });

  test('gets no answer, no socket and no order where its origin is not listed', {
    timeout: TEST_MS,
  }, async () => {
    const before = await (await fetch(`${engine.url}/api/orders`)).json();
    const seen = await openIn(chromium, stranger);
    expect(seen).toEqual({ error: 'TypeError: Failed to fetch', socketError: true });
    expect(await (await fetch(`${engine.url}/api/orders`)).json()).toEqual(before);
  });
});

interface Site {
  readonly server: Server;
  readonly origin: string;
  /** What the page that is opened next reports. */
  report(): Promise<Seen>;
}

/** A site of its own with one page, which knows the engine by its address and reports to its own server. */
async function serveSite(enginePort: number): Promise<Site> {
  let take: (seen: Seen) => void = () => {};
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        response.end();
        take(JSON.parse(text) as Seen);
      });
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>orders</title><script type="module">
const API = 'http://localhost:${enginePort}';
${FRONT_END_SCRIPT}</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    report: () => new Promise((resolve) => (take = resolve)),
  };
}

/** Opens the site's page in a browser of its own and returns what it reports. */
async function openIn(chromium: string, site: Site): Promise<Seen> {
  const profile = mkdtempSync(join(tmpdir(), 'oee-browser-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
  ];
  const reported = site.report();
  const browser = execFile(chromium, [...flags, `${site.origin}/`]);
  const gone = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  try {
    return await Promise.race([
      reported,
      gone.then(() => {
        throw new Error('the browser ended before its page had reported');
      }),
    ]);
  } finally {
    browser.kill();
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
