import { momentAfter, NEVER } from '../../domain/moment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LeaderLease } from '../../ports/leader-lease.ts';
import type { Logger } from '../../ports/logger.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

/** Whether this process does the work that only one process at a time does. */
export interface Leadership {
  leads(): boolean;
  /** Takes and renews the leader lease until the signal aborts, then releases it. */
  run(signal: AbortSignal): Promise<void>;
}

// Another process replaces a dead leader after at most the sum of the two.
const LEASE_MS = 5_000;
const ASK_EVERY_MS = 1_000;

/** Always leads: the only process of its store. */
export const SOLE_LEADER: Leadership = { leads: () => true, run: async () => {} };

export function createLeadership(options: {
  readonly lease: LeaderLease;
  /** Unique to this process and this start. */
  readonly holder: string;
  /** The work, for the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Leadership {
  const { lease, holder, name, clock, log } = options;
  let heldUntil = NEVER;
  const leads = (): boolean => clock.moment() < heldUntil;

  async function ask(): Promise<void> {
    const askedAt = clock.moment(); // The lease counts from here at the latest, however long the answer takes.
    const led = leads();
    heldUntil = (await lease.acquire(holder, LEASE_MS)) ? momentAfter(askedAt, LEASE_MS) : NEVER;
    if (leads() !== led) log.info({ work: name }, led ? 'leader lease lost' : 'leader lease acquired');
  }

  async function run(signal: AbortSignal): Promise<void> {
    await repeatEvery({ clock }, signal, ASK_EVERY_MS, () =>
      ask().catch((error: unknown) => log.warn({ error, work: name }, 'leader lease unavailable')),
    );
    heldUntil = NEVER;
    await lease.release(holder).catch(() => {}); // Otherwise the lease ends by itself.
  }

  return { leads, run };
}
