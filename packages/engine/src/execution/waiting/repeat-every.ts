import type { Ports } from '../ports.ts';
import { createBell } from './wake-signal.ts';
import type { WatchList } from './watch-list.ts';

/**
 * Repeats a step with this pause after it, until the signal aborts.
 *
 * @param watched While nothing is on this list the step rests; it is due one pause after something came onto it.
 */
export async function repeatEvery(
  { clock }: Pick<Ports, 'clock'>,
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<unknown>,
  watched?: WatchList<unknown>,
  hints?: (hear: () => void) => () => void,
): Promise<void> {
  const bell = createBell(clock, signal);
  let rests = false;
  watched?.onFilled(() => {
    if (rests) bell.ring();
  });
  const stopHints = hints?.(() => {
    if (!rests) bell.ring();
  });
  try {
    while (!signal.aborted) {
      rests = watched?.size === 0;
      if (rests) await bell.wait();
      else await step();
      rests = false;
      await bell.wait(everyMs);
    }
  } finally {
    stopHints?.();
  }
}

/**
 * Repeats a step once per slot, as long as something is on the list; without word of slots, once per `everyMs`. Hints
 * that come meanwhile are one hint. Until the signal aborts.
 */
export async function onEverySlot(
  ports: Pick<Ports, 'clock' | 'chain'>,
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<void>,
  watched: WatchList<unknown>,
): Promise<void> {
  await repeatEvery(ports, signal, everyMs, step, watched, (hear) => ports.chain.onSlot(hear));
}
