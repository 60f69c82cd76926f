import { setMaxListeners } from 'node:events';
import { momentOf } from '../../domain/moment.ts';
import { toEpochMs } from '../../domain/timestamp.ts';
import { type Clock, sleepOn } from '../../ports/clock.ts';

const after: Clock['after'] = (ms, run) => {
  const dueMs = performance.now() + ms;
  let timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);

  // Node's own timers ring up to a millisecond early. An early caller would find nothing due and would not be woken again.
  function ring(): void {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) timer = setTimeout(ring, Math.ceil(leftMs));
    else run();
  }
};
const sleep = sleepOn(after);

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => toEpochMs(Date.now()),
  moment: () => momentOf(Math.floor(performance.now())),
  after,
  sleep(ms, signal) {
    if (signal) setMaxListeners(0, signal); // Any number of loops may wait on the signal that ends them all.
    return sleep(ms, signal);
  },
};
