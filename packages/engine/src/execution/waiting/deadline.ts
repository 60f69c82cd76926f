import type { Clock } from '../../ports/clock.ts';

/** A timeout that several waits share. */
export interface Deadline {
  /** Resolves then; never, if it was called off before. */
  readonly passed: Promise<void>;
  callOff(): void;
}

/** Cheaper than a sleep that a signal ends: every order waits for several. */
export function startDeadline(clock: Clock, ms: number): Deadline {
  let callOff = (): void => {};
  const passed = new Promise<void>((resolve) => {
    callOff = clock.after(ms, resolve);
  });
  return { passed, callOff };
}
