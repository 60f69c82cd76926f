import type { Clock } from '../../ports/clock.ts';
import { startDeadline } from '../waiting/deadline.ts';

/** What one check found. */
export interface Finding {
  readonly ok: boolean;
  /** Milliseconds since what the check looks at was last as it should be. */
  readonly ageMs?: number;
  /** Why it is not ok, for people; no secret, no address. */
  readonly reason?: string;
}

/** One thing without which orders are not executed; each has a file of its own in this folder. */
export interface ReadinessCheck {
  readonly name: string;
  /** False: shown, but the engine goes on without it. */
  readonly isNeeded?: boolean;
  look(): Promise<Finding>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly findings: Readonly<Record<string, Finding>>;
}

/** A check that takes longer has failed. */
const LONGEST_LOOK_MS = 5_000;

/** Looks at everything at once. Ready when every needed check is ok; a check that throws, or is late, is not. */
export async function judgeReadiness(clock: Clock, checks: readonly ReadinessCheck[]): Promise<Readiness> {
  const deadline = startDeadline(clock, LONGEST_LOOK_MS);
  const late = deadline.passed.then(
    (): Finding => ({ ok: false, reason: `no answer within ${LONGEST_LOOK_MS} ms` }),
  );
  try {
    const findings = await Promise.all(checks.map((check) => Promise.race([look(check), late])));
    return {
      ready: checks.every(({ isNeeded = true }, index) => !isNeeded || findings[index]?.ok === true),
      findings: Object.fromEntries(checks.map(({ name }, index) => [name, findings[index] as Finding])),
    };
  } finally {
    deadline.callOff();
  }
}

async function look(check: ReadinessCheck): Promise<Finding> {
  try {
    return await check.look();
  } catch {
    return { ok: false, reason: 'it could not be looked at' };
  }
}

/** A check that is ok when this succeeds. */
export const succeeds = (name: string, step: () => Promise<unknown>, reason: string): ReadinessCheck => ({
  name,
  look: () =>
    step().then(
      () => ({ ok: true }),
      () => ({ ok: false, reason }),
    ),
});
