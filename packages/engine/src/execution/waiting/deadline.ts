import type { Clock } from '../../ports/clock.ts';

/** A timeout that several waits share. */
export interface Deadline {
  /** Resolves at the timeout; never if it was canceled before. */
  readonly passed: Promise<void>;
  callOff(): void;
}

/** Cheaper than a sleep with an abort signal: every order uses several. */
export function startDeadline(clock: Clock, ms: number): Deadline {
  let callOff = (): void => {};
  const passed = new Promise<void>((resolve) => {
    callOff = clock.after(ms, resolve);
  });
  return { passed, callOff };
}
