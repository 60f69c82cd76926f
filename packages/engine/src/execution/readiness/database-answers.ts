import { NEVER } from '../../domain/moment.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';
import type { Finding, ReadinessCheck } from './readiness.ts';

/** Nothing is accepted or carried on without a database that takes writes: one that only answers is of no use. */
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
