import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { logOf, post, readiness, until } from '../support/order-client.ts';
import { describeWith } from '../support/requires.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'oee-descriptors-'));
let engine: EngineProcess | undefined;
afterAll(async () => {
  await engine?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

describeWith({ needs: 'prlimit' })('out of descriptors', (prlimit) => {
  /** How many descriptors the running process may have; what it has open beyond them stays open. */
  const limitDescriptors = (pid: number, most: number): unknown =>
    execFileSync(prlimit, ['--pid', String(pid), `--nofile=${most}:`]);

  test('an engine that runs out of file descriptors reports it, and continues by itself with every acknowledged order', async () => {
    engine = await startEngineProcess({ dataDir, port: await freePort(), devnetPort: await freePort() });
    const api = engine;
    const pid = engine.child.pid!;
    const acknowledged: string[] = [];

    /** Posts orders, as long as it takes, until one is answered with this status. */
    const submitUntil = (status: 201 | 503): Promise<true> =>
      until(async () => {
        const answer = await post(api);
        if (answer.status === 201) acknowledged.push(((await answer.json()) as { orderId: string }).orderId);
        else expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true]);
        return answer.status === status || undefined;
      });

    await submitUntil(201);
    limitDescriptors(pid, readdirSync(`/proc/${pid}/fd`).length - 12);
    await submitUntil(503);
    const isDown = async () => (await readiness(api)).checks.database === false || undefined;
    await until(isDown); // What readiness last wrote may be a second old.

    limitDescriptors(pid, 4_096);
    await submitUntil(201);
    await until(async () => (await readiness(api)).status === 'ready' || undefined);
    for (const orderId of acknowledged) expect((await logOf(api, orderId))[0]!.type).toBe('order.pending');
  }, 240_000);
});
