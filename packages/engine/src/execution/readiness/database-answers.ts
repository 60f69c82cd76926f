import { NEVER } from '../../domain/moment.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';
import type { Finding, ReadinessCheck } from './readiness.ts';

/** Ready if the database accepts writes. A database that only answers reads is not enough. */
export function databaseAnswers({ orders, clock }: Pick<Ports, 'orders' | 'clock'>): ReadinessCheck {
  let writtenAt = NEVER;

  async function look(): Promise<Finding> {
    try {
      await orders.ping();
      writtenAt = clock.moment();
      return { ok: true };
    } catch {
      const reason = 'the database takes no write';
      return { ok: false, reason, ...(writtenAt > NEVER && { ageMs: msSince(clock, writtenAt) }) };
    }
  }

  return { name: 'database', look };
}
