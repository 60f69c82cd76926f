import type { Mutant } from '../mutant.ts';

/** When an order that rests fires, and what becomes of one that fired in vain. */
export const TRIGGER_MUTANTS: readonly Mutant[] = [
  {
    name: 'fires-in-two-commits',
    why: 'the queue starts what has fired',
    file: 'execution/triggers/fire-order.ts',
    find: "      { type: 'order.routing', data: { try: 1 } },\n",
    replace: '',
  },
  {
    name: 'rests-after-a-cancel',
    why: 'an order that rests has nothing in flight, so its cancel was done at once',
    file: 'execution/tries/next-step.ts',
    find: "  if (order.cancelRequested)\n    return lastStep({ type: 'order.canceled'",
    replace: "  if (order.cancelRequested && !order.resting)\n    return lastStep({ type: 'order.canceled'",
  },
  {
    name: 'watermark-lost-at-restart',
    why: 'the highest price is known again with the next one',
    file: 'execution/triggers/kept-orders.ts',
    find: 'for (const document of await readWatermarks(marks)) watermarks.keep(document);',
    replace: 'await readWatermarks(marks);',
  },
  {
    name: 'parked-for-ever',
    why: 'what could not be fired has ended',
    file: 'execution/triggers/fire-triggers.ts',
    find: '      book.putBack(orderId); // Without effect',
    replace: '      // Without effect',
  },
  {
    name: 'tries-go-on-over-firings',
    why: 'tries are numbered as attempts are',
    file: 'execution/triggers/fire-order.ts',
    find: 'data: { try: 1 }',
    replace: 'data: { try: order.attemptNumber + 1 }',
  },
  {
    name: 'limit-fails-instead-of-resting',
    why: 'without its limit the order cannot be executed',
    file: 'execution/tries/next-step.ts',
    find: 'if (order.resting) return',
    replace: 'if (order.resting && !isVain) return',
  },
];
