import type { Mutant } from '../mutant.ts';

/** Clocks, and how long an order may wait. */
export const TIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'signs-past-its-time',
    why: 'the order had time left when its try began',
    file: 'execution/execute-order.ts',
    find: 'if (hasExpired(engine, told.claim.order)) return expireOrder(engine, told.claim);',
    replace: '',
  },
  {
    name: 'waits-for-ever',
    why: 'the chain will come back',
    file: 'execution/waiting/expire-order.ts',
    find: 'return order.waitSinceMs !== null && ports.waits.waitedMs(order) >= ports.limits.maxWaitMs;',
    replace: 'return false;',
  },
  {
    name: 'limit-by-the-wall-clock',
    why: 'what passed is the difference of two times',
    file: 'adapters/memory/work-queue.ts',
    find: 'createStartWindow(clock, startLimit);',
    replace: 'createStartWindow({ ...clock, moment: () => clock.now() as never }, startLimit);',
    shownBy: ['clockSetEveryMs'],
  },
  {
    name: 'due-time-believed',
    why: 'an order is due when its due time is over',
    file: 'adapters/memory/order-leases.ts',
    find: '(isFar(entry.dueAtMs) && !isHeld(entry))',
    replace: 'isHeld(entry)',
    shownBy: ['storeAheadEveryMs'],
  },
  {
    name: 'lease-end-believed',
    why: 'a lease lives until its end',
    file: 'adapters/memory/order-leases.ts',
    find: 'leaseUntilMs > clock.now() && !isFar(leaseUntilMs);',
    replace: 'leaseUntilMs > clock.now();',
    shownBy: ['storeAheadEveryMs'],
  },
];
