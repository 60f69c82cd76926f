import { workQueueSuite } from '../../ports/work-queue.suite.ts';
import { systemClock } from '../system/clock.ts';
import { createMemoryWorkQueue } from './work-queue.ts';

workQueueSuite('the in-process queue', async (settings) =>
  createMemoryWorkQueue({ ...settings, clock: systemClock }),
);
