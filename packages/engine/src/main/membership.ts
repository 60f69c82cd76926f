import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  BindingRefused,
  type Candidate,
  joinProcesses,
  leaveProcesses,
  type ProcessRow,
  readBinding,
  renewProcess,
} from '../adapters/postgres/binding.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { describeProcess } from './describe-process.ts';
import type { Role } from './role.ts';

/** The binding of the database was changed while this process ran. */
export class BindingLost extends Error {
  override name = 'BindingLost';
}

/** This process's registration with its database. */
export interface Membership {
  /** Why the process may sign nothing now; null if it may. */
  whyNotSign(): string | null;
  /** Settles when the process no longer belongs to its database and must exit. */
  readonly lost: Promise<BindingLost>;
  leave(): Promise<void>;
}

// Maximum time that a crashed process delays a start with other settings.
const LIVES_MS = 10_000;
const RENEW_EVERY_MS = 2_000;
const LOOK_AGAIN_MS = 500;

/**
 * Enters the process among those of its database and keeps it there. While the database does not know that it is alive,
 * it signs nothing: others may have changed what they have in common.
 *
 * @param alone No other process can use the database: it is not counted, and its settings hold.
 * @throws {BindingRefused} Another chain, wallet or secret, or other settings than those of processes that are alive.
 */
export async function enterDatabase(options: {
  readonly pool: pg.Pool;
  readonly candidate: Candidate;
  readonly role: Role;
  readonly alone: boolean;
  readonly log: Logger;
}): Promise<Membership> {
  const { pool, candidate, role, alone, log } = options;
  const row = { processId: randomUUID(), description: describeProcess(role) };
  let renewed = instant();
  let revision = await joinPatiently({ pool, candidate, row, livesMs: alone ? null : LIVES_MS, log }, () => {
    renewed = instant();
  });
  if (alone) return { whyNotSign: () => null, lost: new Promise(() => {}), leave: async () => {} };

  const leaving = new AbortController();
  let lost: BindingLost | undefined;
  let tellLost: (error: BindingLost) => void = () => {};
  const whenLost = new Promise<BindingLost>((resolve) => {
    tellLost = resolve;
  });

  async function renew(): Promise<void> {
    const askedAt = instant(); // The heartbeat counts from here, however long the answer takes.
    if (await renewProcess(pool, row, LIVES_MS, revision)) renewed = askedAt;
    else await learnChange();
  }

  /** A process that signs nothing may continue with older settings than the others. */
  async function learnChange(): Promise<void> {
    const now = await readBinding(pool);
    if (role === 'api' && now && now.genesisHash === candidate.genesisHash) {
      revision = now.revision;
      log.warn({ revision }, 'shared settings changed: restart this process with the new values');
      return renew();
    }
    lost = new BindingLost(
      'what the orders of this database are bound to, or a setting that decides about money, is not what this process has: npm run rebind changed it, or other processes started with other values while this one stood still. This process signs nothing more and ends; start it with the values that hold now',
    );
    tellLost(lost);
  }

  async function keepRenewing(): Promise<void> {
    while (!leaving.signal.aborted && !lost) {
      await systemClock.sleep(RENEW_EVERY_MS, leaving.signal);
      if (leaving.signal.aborted) return;
      await renew().catch((error: unknown) => log.warn({ error }, 'process heartbeat failed'));
    }
  }
  const renewing = keepRenewing();

  return {
    whyNotSign() {
      if (lost) return lost.message;
      return since(renewed) < LIVES_MS
        ? null
        : 'the database was not told in time that this process is alive';
    },
    lost: whenLost,
    async leave() {
      leaving.abort();
      await renewing;
      await leaveProcesses(pool, row.processId).catch(() => {}); // Otherwise its row expires.
    },
  };
}

/** Waits until each process that counts as running renews its heartbeat or expires. */
async function joinPatiently(
  options: {
    readonly pool: pg.Pool;
    readonly candidate: Candidate;
    readonly row: ProcessRow;
    readonly livesMs: number | null;
    readonly log: Logger;
  },
  beforeAsking: () => void,
): Promise<number> {
  const { pool, candidate, row, livesMs, log } = options;
  const first = new Map<string, string>();
  for (;;) {
    beforeAsking();
    const joined = await joinProcesses(pool, candidate, row, livesMs);
    if (joined.outcome === 'joined') return joined.revision;
    for (const [processId, aliveUntil] of joined.aliveUntil)
      if ((first.get(processId) ?? aliveUntil) !== aliveUntil) throw new BindingRefused(joined.problem);
    if (first.size === 0)
      log.info({ problem: joined.problem }, 'waiting for the heartbeat of other processes');
    for (const [processId, aliveUntil] of joined.aliveUntil) first.set(processId, aliveUntil);
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
}

interface Instant {
  readonly steadyMs: number;
  readonly wallMs: number;
}

const instant = (): Instant => ({ steadyMs: performance.now(), wallMs: Date.now() });

/** Elapsed time by the clock that advanced more: one stops while the machine sleeps, the other may be set back. */
const since = ({ steadyMs, wallMs }: Instant): number =>
  Math.max(performance.now() - steadyMs, Date.now() - wallMs);
