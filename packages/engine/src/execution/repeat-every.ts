import { createBell } from './bell.ts';
import type { World } from './world.ts';

/** Repeats a step with this pause after it, until the signal aborts. */
export async function repeatEvery(
  { clock }: Pick<World, 'clock'>,
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await step();
    await clock.sleep(everyMs, signal);
  }
}

/**
 * Repeats a step once per slot; without word of slots, once per `everyMs`. Hints that come meanwhile are one hint. Until the
 * signal aborts.
 */
export async function onEverySlot(
  { clock, chain }: Pick<World, 'clock' | 'chain'>,
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<void>,
): Promise<void> {
  const bell = createBell(clock, signal);
  const stopHints = chain.onSlot(() => bell.ring());
  try {
    while (!signal.aborted) {
      await step();
      await bell.wait(everyMs);
    }
  } finally {
    stopHints();
  }
}
