import { setMaxListeners } from 'node:events';
import type { Clock } from '../../ports/clock.ts';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (!signal) return;
      setMaxListeners(0, signal); // Any number of loops may wait on the signal that ends them all.
      signal.addEventListener('abort', end);
    }),
};
