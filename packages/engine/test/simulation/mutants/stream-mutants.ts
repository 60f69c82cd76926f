import type { Mutant } from '../mutant.ts';

/** What listeners are told. */
export const STREAM_MUTANTS: readonly Mutant[] = [
  {
    name: 'publish-before-commit',
    why: 'listeners should not wait for the disk',
    file: 'execution/commit.ts',
    find: `const result = await ports.orders.transition(transition);
  if`,
    replace: `ports.bus.publish({
    accountId: transition.order.request.accountId,
    position: 0,
    events: transition.events,
  });
  const result = await ports.orders.transition(transition);
  if`,
  },
  {
    name: 'stream-trusts-the-bus',
    why: 'the bus has every event',
    file: 'execution/streams/watch-order.ts',
    find: 'mustRead || (fresh.length > 0 && !follows(fresh, last))',
    replace: 'mustRead',
  },
  {
    name: 'stream-never-looks-again',
    why: 'the bus will wake it',
    file: 'execution/streams/watch-order.ts',
    find: 'mustRead = !(await wakeSignal.wait(RECHECK_MS));',
    replace: 'await wakeSignal.wait(RECHECK_MS);\n      mustRead = false;',
  },
];
