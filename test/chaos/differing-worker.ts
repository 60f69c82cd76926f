import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attack } from './attack.ts';

const TRY_EVERY_MS = 20_000;

/**
 * Starts workers with another wallet, another secret or another setting that decides about money. Each must refuse; one that
 * starts all the same is ended and counted as `differingWorkersStarted`, which the audit calls a violation.
 */
export async function startDiffering(
  { engine, chance, counts, pause, signal }: Attack,
  ms: number,
): Promise<void> {
  Object.assign(counts, { differingWorkersRefused: 0, differingWorkersStarted: 0 });
  const directory = mkdtempSync(join(tmpdir(), 'oee-differing-'));
  const differences = [
    { WALLET_FILE: join(directory, 'wallet.json') },
    { EXECUTION_SECRET: 'another secret, of 32 characters or more' },
    { MAX_TRIES: '9' },
  ];
  while (!signal.aborted) {
    await pause(Math.min(TRY_EVERY_MS, ms / 4));
    if (signal.aborted) break;
    try {
      const started = await engine.startWorker(chance.pick(differences));
      await started.kill();
      counts.differingWorkersStarted! += 1;
    } catch {
      counts.differingWorkersRefused! += 1;
    }
  }
  rmSync(directory, { recursive: true, force: true });
}
