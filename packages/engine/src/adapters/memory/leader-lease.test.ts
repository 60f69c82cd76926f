import { leaderLeaseSuite } from '../../ports/leader-lease.suite.ts';
import { systemClock } from '../system/clock.ts';
import { createMemoryLeaderLease } from './leader-lease.ts';

leaderLeaseSuite('the in-process lease', async () => ({
  open: () => createMemoryLeaderLease(systemClock),
  close: async () => {},
}));
