import type { Chain } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { createWakeSignal } from './wake-signal.ts';
import type { WatchList } from './watch-list.ts';

/**
 * Repeats a step with this pause after it, until the signal aborts.
 *
 * @param watched While this list is empty the step does not run; it runs one pause after the first entry is added.
 */
export async function repeatEvery(
  { clock }: Pick<Ports, 'clock'>,
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<unknown>,
  watched?: WatchList<unknown, unknown>,
  hints?: (hear: () => void) => () => void,
): Promise<void> {
  const wakeSignal = createWakeSignal(clock, signal);
  let rests = false;
  watched?.onFilled(() => {
    if (rests) wakeSignal.wake();
  });
  const stopHints = hints?.(() => {
    if (!rests) wakeSignal.wake();
  });
  try {
    while (!signal.aborted) {
      rests = watched?.size === 0;
      if (rests) await wakeSignal.wait();
      else await step();
      rests = false;
      await wakeSignal.wait(everyMs);
    }
  } finally {
    stopHints?.();
  }
}

/**
 * Repeats a step once per slot while the list has entries, or once per `everyMs` if no slot notification arrives. Several
 * notifications during a step count as one. Runs until the signal aborts.
 */
export async function onEverySlot(
  ports: Pick<Ports, 'clock'> & { readonly chain: Pick<Chain, 'onSlot'> },
  signal: AbortSignal,
  everyMs: number,
  step: () => Promise<void>,
  watched: WatchList<unknown, unknown>,
): Promise<void> {
  await repeatEvery(ports, signal, everyMs, step, watched, (hear) => ports.chain.onSlot(hear));
}
