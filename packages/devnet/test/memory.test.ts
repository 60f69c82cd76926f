import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { get } from './support/client.ts';
import { spawnDevnet } from './support/devnet-process.ts';

/** How long it runs: not at all unless told. 600 is the goal's; below 120 the heap has not found its size. */
const SECONDS = Number(process.env.DEVNET_MEMORY_SECONDS ?? 0);
const SAMPLE_MS = 1_000;

const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const onDemand = test.skipIf(SECONDS === 0 || process.platform !== 'linux'); // Only on demand: takes minutes by nature.

onDemand(
  'a wild market at 20 ms slots, long after as many transactions as are kept, takes no more and more memory',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'devnet-memory-'));
    const args = ['--ledger', directory, '--market', 'wild', '--slot-ms', '20', '--keep', '5000'];
    const devnet = await spawnDevnet(args);
    try {
      const samples: number[] = [];
      for (let passedMs = 0; passedMs < SECONDS * 1_000; passedMs += SAMPLE_MS) {
        await sleep(SAMPLE_MS);
        samples.push(rssMiB(devnet.child.pid!));
      }
      const { body } = await get(devnet, '/admin/status');
      expect((body as { landedTransactions: number }).landedTransactions).toBeGreaterThan(5_000);
      // The first third is for the history to fill; then two halves are compared, each by its median.
      const settled = samples.slice(Math.floor(samples.length / 3));
      const half = Math.floor(settled.length / 2);
      const [earlier, later] = [median(settled.slice(0, half)), median(settled.slice(half))];
      expect(later, `${earlier} MiB, then ${later} MiB`).toBeLessThan(earlier * 1.1 + 8);
    } finally {
      await devnet.kill();
      rmSync(directory, { recursive: true, force: true });
    }
  },
  SECONDS * 1_500 + 60_000,
);
