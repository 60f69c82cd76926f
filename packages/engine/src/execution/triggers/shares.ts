import { momentAfter, NEVER } from '../../domain/moment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ProcessShares } from '../../ports/process-shares.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

/** Which pairs this process watches for orders that rest. */
export interface Shares {
  /** No other process has the store. */
  readonly isAlone: boolean;
  isMine(pair: string): boolean;
  /** Takes part in the sharing until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

// The pairs of a process that died go to the others after at most the sum of the two.
const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 1_000;

/** Every pair: the only process of its store. */
export const ALL_SHARES: Shares = { isAlone: true, isMine: () => true, run: async () => {} };

/** Pairs are dealt out to the processes by number. Where two disagree for a moment, both may fire: the store takes one of them. */
export function createShares(options: {
  readonly shares: ProcessShares;
  /** Unique to this process and this start. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Shares {
  const { shares, holder, clock, log } = options;
  let holders: readonly string[] = [];
  let heldUntil = NEVER;

  async function renew(): Promise<void> {
    const askedAt = clock.moment();
    const now = await shares.renew(holder, LEASE_MS);
    heldUntil = momentAfter(askedAt, LEASE_MS);
    if (now.join() !== holders.join())
      log.info({ processes: now.length }, 'pairs of resting orders shared out');
    holders = now;
  }

  return {
    isAlone: false,
    isMine: (pair) => clock.moment() < heldUntil && holders[numberOf(pair) % holders.length] === holder,
    async run(signal) {
      await repeatEvery({ clock }, signal, RENEW_EVERY_MS, () =>
        renew().catch((error: unknown) => log.warn({ error }, 'shares of resting orders unavailable')),
      );
      await shares.release(holder).catch(() => {}); // Otherwise the lease ends by itself.
    },
  };
}

/** FNV-1a of 32 bits: any even spread does. */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
