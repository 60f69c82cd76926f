import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { root } from './support/planted-tree.ts';

const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));

/**
 * The engine's processor time per order over that of the lean pipeline in the same run, both without the client. It is about 3.6 for
 * so few orders, whose code is still being compiled; the margin lets only a doubling fail, no noise.
 */
const MOST_TIMES_LEAN = 6;

const isLinux = process.platform === 'linux'; // Processor times come from /proc.
const onLinux = test.skipIf(!isLinux); // Nothing else is measured there.

const sumOf = (threads: Record<string, number>): number =>
  Object.values(threads).reduce((sum, ms) => sum + ms, 0);

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  // Vitest's timeout cannot interrupt this call.
  const options = { encoding: 'utf8', timeout: 170_000 } as const;
  return spawnSync(process.execPath, [join(root, 'bench/run.mjs'), ...args], options);
}

describe('npm run bench', () => {
  test.each(names)('%s --help prints how it is called', (name) => {
    const { status, stdout } = bench(name, '--help');
    expect(stdout).toMatch(new RegExp(`npm run bench -- ${name}\\b`));
    expect(status).toBe(0);
  });

  test.each([
    [[]],
    [['nothing']],
    [['lifecycle', '--nothing']],
    [['lifecycle', '--idle']],
    [['devnet', 'nothing']],
    [['sockets', '--part', 'x']],
    [['growth', '--store', 'x']],
  ])('%j exits with 2 and one line with the allowed values', (args) => {
    const { status, stderr } = bench(...args);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  /** Everything that a script takes from a build, with the loader of `bench/support/built.mjs` that finds it. */
  const taken = ['bench', 'bench/support']
    .flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)))
    .filter((script) => script.endsWith('.mjs'))
    .flatMap((script) => {
      const text = readFileSync(join(root, script), 'utf8');
      const names = /const \{([^}]+)\} = await (load\w*)\('([^']+)'\)/g;
      return [...text.matchAll(names)].flatMap(([, list, loader, what]) =>
        list!.split(',').map((name) => ({ script, name: name.split(':')[0]!.trim(), loader: loader!, what })),
      );
    });

  test('imports only names that the build has', { timeout: 120_000 }, async () => {
    expect(taken.length).toBeGreaterThan(50);
    const loaders = await import(pathToFileURL(join(root, 'bench/support/built.mjs')).href);
    for (const { script, name, loader, what } of taken) {
      const built = await loaders[loader](what);
      expect(built[name], `${script}: ${name} of ${what}`).toBeDefined();
    }
  });

  const ran = (count: number) => ({
    orders: count,
    ordersPerSecond: expect.any(Number),
    cpuMsPerOrder: { all: expect.any(Number) },
  });

  test('measures the lifecycle of orders and its yardsticks in turns, and the engine takes no more than twice its usual processor time', {
    timeout: 120_000,
  }, () => {
    const { status, stdout, stderr } = bench('lifecycle', '--orders', '2000', '--concurrency', '256');
    expect(stderr).toBe('');
    const measured = JSON.parse(stdout);
    expect(measured).toMatchObject({
      benchmark: 'lifecycle',
      engine: { ...ran(2_000), eventsPerOrder: 5 },
      leanPglite: { ...ran(2_000), eventsPerOrder: 5 },
      ratios: { leanPglite: expect.any(Number) },
    });
    expect(status).toBe(0);
    if (!isLinux) return;
    const { engine, leanPglite } = measured;
    const ratio = sumOf(engine.cpuMsPerOrder.engine) / sumOf(leanPglite.cpuMsPerOrder.lean);
    expect(ratio).toBeLessThan(MOST_TIMES_LEAN);
  });

  test('measures the book of resting orders', {
    timeout: 60_000,
  }, () => {
    const { status, stdout, stderr } = bench('triggers', '100000');
    expect(stderr).toBe('');
    const measured = JSON.parse(stdout);
    expect(measured).toMatchObject({
      ...{ benchmark: 'triggers', orders: 100_000, bytesPerOrder: expect.any(Number) },
      updateThatFiresNoneMicroseconds: { p50: expect.any(Number), p99: expect.any(Number) },
    });
    expect(measured.updateThatFires.orders).toBeGreaterThanOrEqual(10_000);
    expect(status).toBe(0);
  });

  test('measures the engine and the bare sender on the devnet', { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = bench('lifecycle', '--devnet', '--orders', '20', '--concurrency', '5');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      engine: ran(20),
      bareSender: ran(20),
      ratios: { bareSender: expect.any(Number) },
    });
    expect(status).toBe(0);
  });

  test('measures one order at a time until its bytes reach a node', { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = bench('lifecycle', '--devnet', '--idle', '--orders', '3');
    expect(stderr).toBe('');
    const stage = { p50: expect.any(Number), p99: expect.any(Number) };
    expect(JSON.parse(stdout)).toMatchObject({
      engine: { firstBroadcastMs: stage, stagesMs: { quoted: stage, rehearsed: stage, sent: stage } },
      bareSender: { firstBroadcastMs: stage },
      ratios: { bareSender: expect.any(Number) },
    });
    expect(status).toBe(0);
  });

  onLinux('measures an engine without orders', { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = bench('idle', '--seconds', '1');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      percentOfCore: { engine: { all: expect.any(Number) }, devnet: { all: expect.any(Number) } },
    });
    expect(status).toBe(0);
  });

  test('measures a small and a full store', { timeout: 180_000 }, () => {
    const options = ['--orders', '400', '--open', '20', '--store', 'pglite', '--repeats', '1'];
    const { status, stdout, stderr } = bench('growth', ...options);
    expect(stderr).toMatch(/^list, needsReview +[\d.]+ +[\d.]+/m);
    const call = { small: { p50: expect.any(Number) }, full: { p50: expect.any(Number) } };
    expect(JSON.parse(stdout).stores.pglite).toMatchObject({
      orders: { small: { finished: 200, open: 20 }, full: { finished: 400, open: 20 } },
      size: { bytesPerOrder: { all: expect.any(Number), order_events: { heap: expect.any(Number) } } },
      callsMs: { submit: call, 'sweep of due orders': call, 'list, no filter': call },
    });
    expect(status).toBe(0);
  });
});
