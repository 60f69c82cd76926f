import type { Mutant } from '../mutant.ts';

/** The steps of an order, from its claim to its end. */
export const ORDER_MUTANTS: readonly Mutant[] = [
  {
    name: 'send-before-record',
    why: 'sending first is faster, the record follows at once',
    file: 'execution/execute-order.ts',
    find: 'const recorded = await',
    replace:
      'await Promise.all(engine.chain.nodes.map((node) => node.send(swap.bytes).catch(() => {})));\n  const recorded = await',
  },
  {
    name: 'stale-commit-ignored',
    why: 'the commit came back without an error',
    file: 'execution/commit.ts',
    find: 'return (await store(ports, transition)) ? transition.order : undefined;',
    replace: 'await store(ports, transition);\n  return transition.order;',
  },
  {
    name: 'failed-commit-assumed',
    why: 'a commit whose answer got lost usually happened',
    file: 'execution/commit.ts',
    find: 'return (await store(ports, transition)) ? transition.order : undefined;',
    replace: 'return (await store(ports, transition).catch(() => true)) ? transition.order : undefined;',
  },
  {
    name: 'open-attempt-ignored',
    why: 'a worker that claims an order begins with its next try',
    file: 'execution/execute-order.ts',
    find: 'if (claimed.openAttempt) return',
    replace: 'if (claimed.openAttempt && claimed.order.tryNumber >= engine.limits.maxTries) return',
  },
  {
    name: 'cancel-in-flight',
    why: 'the user said cancel',
    file: 'execution/cancel-order.ts',
    find: "const mayBeInFlight = order.status === 'submitted' || order.needsReview;",
    replace: 'const mayBeInFlight = false;',
  },
  {
    name: 'cancel-forgotten',
    why: 'the next try is already due',
    file: 'execution/tries/next-step.ts',
    find: 'if (order.cancelRequested)',
    replace: "if (order.cancelRequested && cause.code === 'attempt_expired')",
  },
  {
    name: 'one-try-too-many',
    why: 'an off-by-one in the limit',
    file: 'execution/tries/next-step.ts',
    find: 'if (order.tryNumber >= maxTries ||',
    replace: 'if (order.tryNumber > maxTries ||',
  },
  {
    name: 'memo-without-attempt',
    why: 'the order id names the order',
    file: 'execution/building/build-swap.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text.
    find: '`${orderId}/${order.attemptNumber + 1}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text.
    replace: '`${orderId}/1`',
  },
  {
    name: 'no-sweep',
    why: 'the queue does not lose anything',
    file: 'execution/upkeep/sweep-orders.ts',
    find: 'for (const orderId of due) ports.queue.wake(orderId);',
    replace: '',
  },
];
