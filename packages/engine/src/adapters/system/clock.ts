import { setMaxListeners } from 'node:events';
import { type Clock, sleepOn } from '../../ports/clock.ts';

const after: Clock['after'] = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const sleep = sleepOn(after);

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after,
  sleep(ms, signal) {
    if (signal) setMaxListeners(0, signal); // Any number of loops may wait on the signal that ends them all.
    return sleep(ms, signal);
  },
};
