import { NODE_MUTANTS } from './node-mutants.ts';

/** A mistake that somebody could make, as a change of one source. The simulation must notice each. */
export interface Mutant {
  readonly name: string;
  /** What the mistaken would believe. */
  readonly why: string;
  /** From packages/engine/src. */
  readonly file: string;
  /** Occurs there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 're-sign-on-send-error',
    why: 'every node refused the bytes, so they cannot land',
    file: 'execution/observe-attempts.ts',
    find: 'await sendFollowed(world, followed);\n    return',
    replace: `const sent = await Promise.allSettled(world.chain.nodes.map((node) => node.send(attempt.bytes)));
    if (sent.every(({ status }) => status === 'rejected')) {
      open.delete(attempt.signature);
      await settleUntaken(world, attempt);
    }
    return`,
  },
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
    find: 'return (await store(world, transition)) ? transition.order : undefined;',
    replace: 'await store(world, transition);\n  return transition.order;',
  },
  {
    name: 'failed-commit-assumed',
    why: 'a commit whose answer got lost usually happened',
    file: 'execution/commit.ts',
    find: 'return (await store(world, transition)) ? transition.order : undefined;',
    replace: 'return (await store(world, transition).catch(() => true)) ? transition.order : undefined;',
  },
  {
    name: 'wall-clock-expiry',
    why: 'after so many seconds nothing lands any more',
    file: 'execution/prove-absence.ts',
    find: '({ lastValidBlockHeight }, { blockHeight }) => blockHeight > lastValidBlockHeight,',
    replace: '({ recordedAtMs }) => world.clock.now() > recordedAtMs + 4_000,',
  },
  {
    name: 'height-not-final',
    why: 'the newest height is as good as the final one',
    file: 'execution/prove-absence.ts',
    find: 'blockHeight > lastValidBlockHeight,',
    replace: 'blockHeight + 3n > lastValidBlockHeight,',
  },
  {
    name: 'error-read-as-absent',
    why: 'a node without an answer does not know the transaction',
    file: 'execution/ask-history.ts',
    find: 'const answer = await node.signatureStatuses(batch, { searchHistory: true });',
    replace: `const answer = await node
      .signatureStatuses(batch, { searchHistory: true })
      .catch(() => ({ contextSlot: 10n ** 9n, statuses: batch.map(() => null) }));`,
  },
  {
    name: 'status-asked-before-height',
    why: 'the order of two questions does not matter',
    file: 'execution/prove-absence.ts',
    find: 'const epoch = await node.finalizedEpoch();',
    replace: `const all = attempts.map(({ signature }) => signature);
    const early = (await node.signatureStatuses(all, { searchHistory: true })).statuses;
    const epoch = await node.finalizedEpoch();
    node = {
      ...node,
      signatureStatuses: async (asked) => ({
        contextSlot: epoch.absoluteSlot,
        statuses: asked.map((signature) => early[all.indexOf(signature)] ?? null),
      }),
    };`,
  },
  {
    name: 'context-slot-ignored',
    why: 'an answer is an answer',
    file: 'execution/prove-absence.ts',
    find: 'else if (history.contextSlot >= epoch.absoluteSlot) absent.push(attempt);',
    replace: 'else absent.push(attempt);',
  },
  {
    name: 'history-not-checked',
    why: 'a node that does not know it has never seen it',
    file: 'execution/prove-absence.ts',
    find: 'if (firstSlot <= signingSlot) proofs.set',
    replace: 'if (firstSlot <= signingSlot || true) proofs.set',
  },
  {
    name: 'history-not-searched',
    why: 'the plain status query is cheaper',
    file: 'execution/ask-history.ts',
    find: '{ searchHistory: true }',
    replace: '{ searchHistory: false }',
  },
  {
    name: 'one-node-suffices',
    why: 'the second node only costs time',
    file: 'execution/prove-absence.ts',
    find: 'const needed = Math.min(nodes.length, 2);',
    replace: 'const needed = 1;',
  },
  ...NODE_MUTANTS,
  {
    name: 'revert-counts-when-confirmed',
    why: 'confirmed is final enough for a transaction that did nothing',
    file: 'execution/prove-reverted.ts',
    find: "status?.commitment === 'finalized' && status.error !== null;",
    replace: "(status ?? null) !== null && status?.commitment !== 'processed' && status?.error !== null;",
  },
  {
    name: 'fork-ignored',
    why: 'confirmed blocks do not vanish',
    file: 'execution/observe-attempts.ts',
    find: 'else if (absent.includes(followed.attempt)) await reopen(followed);',
    replace: 'else if (absent.includes(followed.attempt)) landed.delete(signature);',
  },
  {
    name: 'open-attempt-ignored',
    why: 'whoever claims an order begins with its next try',
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
    file: 'execution/retry-or-fail.ts',
    find: 'if (order.cancelRequested)',
    replace: "if (order.cancelRequested && cause.code === 'attempt_expired')",
  },
  {
    name: 'one-try-too-many',
    why: 'an off-by-one in the limit',
    file: 'execution/retry-or-fail.ts',
    find: 'order.tryNumber >= maxTries',
    replace: 'order.tryNumber > maxTries',
  },
  {
    name: 'limit-follows-the-price',
    why: 'each try has its own quote, so its own limit',
    file: 'execution/choose-route.ts',
    find: 'order.limitAmount ?? firstLimit(order, best, { slippageBps, seen })',
    replace: 'firstLimit(order, best, { slippageBps, seen })',
  },
  {
    name: 'memo-without-attempt',
    why: 'the order id names the order',
    file: 'execution/build-swap.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text.
    find: '`${orderId}/${order.attemptNumber + 1}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text.
    replace: '`${orderId}/1`',
  },
  {
    name: 'fill-from-the-input-side',
    why: 'both sides of a pool show the swap',
    file: 'execution/settle-order.ts',
    find: '-sumOfChanges(landed, fillAccounts.vaultsOut);',
    replace: 'sumOfChanges(landed, fillAccounts.vaultsIn);',
  },
  {
    name: 'publish-before-commit',
    why: 'listeners should not wait for the disk',
    file: 'execution/commit.ts',
    find: `const result = await world.orders.transition(transition);
  if`,
    replace: `world.bus.publish({
    accountId: transition.order.request.accountId,
    position: 0,
    events: transition.events,
  });
  const result = await world.orders.transition(transition);
  if`,
  },
  {
    name: 'stream-trusts-the-bus',
    why: 'the bus has every event',
    file: 'execution/watch-order.ts',
    find: 'mustRead || (fresh.length > 0 && !follows(fresh, last))',
    replace: 'mustRead',
  },
  {
    name: 'stream-never-looks-again',
    why: 'the bus will wake it',
    file: 'execution/watch-order.ts',
    find: 'mustRead = !(await bell.wait(RECHECK_MS));',
    replace: 'await bell.wait(RECHECK_MS);\n      mustRead = false;',
  },
  {
    name: 'no-sweep',
    why: 'the queue does not lose anything',
    file: 'execution/recover-orders.ts',
    find: 'for (const orderId of due) world.queue.wake(orderId);',
    replace: '',
  },
  {
    name: 'lease-without-fence',
    why: 'the sequence is compared anyway',
    file: 'adapters/memory/order-store.ts',
    find: 'if (change.fence !== null && !leased(change.order.request.orderId, change.fence))',
    replace: 'if (change.fence !== null && change.fence > entry.fence)',
  },
  {
    name: 'fence-not-raised',
    why: 'the lease protects the order',
    file: 'adapters/memory/order-store.ts',
    find: 'entry.fence += 1;',
    replace: 'entry.fence ||= 1;',
  },
  {
    name: 'live-lease-claimed',
    why: 'whoever was woken may have the order',
    file: 'adapters/memory/order-store.ts',
    find: 'isDue(entry) && !hasLiveLease(entry);',
    replace: 'isDue(entry) && (!hasLiveLease(entry) || entry.order.sequence > 1);',
  },
  {
    name: 'receipt-closed-early',
    why: 'the order is over, so its receipt is of no use',
    file: 'execution/close-receipts.ts',
    find: 'finalizedHeight: finalized.blockHeight,',
    replace: 'finalizedHeight: finalized.blockHeight + 1_000n,',
  },
  {
    name: 'blocker-not-recorded',
    why: 'a transaction that swaps nothing can do no harm',
    file: 'execution/block-attempts.ts',
    find: '|| !(await world.orders.recordBlocker(orderId, blocker, known?.signature ?? null))',
    replace: '',
  },
  {
    name: 'receipt-taken-for-a-cancel',
    why: 'the receipt exists, so the swap cannot land any more',
    file: 'execution/block-attempts.ts',
    find: 'history.statuses[index] === null || history.statuses[index]?.error',
    replace: 'history.statuses.length > index',
  },
  {
    name: 'cancel-before-final',
    why: 'a confirmed receipt is as good as a final one',
    file: 'adapters/memory/chain.ts',
    find: 'const contextSlot = history.finalizedAt(seen());',
    replace: 'const contextSlot = seen();',
  },
  {
    name: 'key-forgotten',
    why: 'order ids are unique',
    file: 'adapters/memory/order-store.ts',
    find: 'const found = sameKey ?? sameClientId ?? sameId;',
    replace: 'const found = sameId;',
  },
  {
    name: 'cas-without-sequence',
    why: 'the fence protects the order',
    file: 'adapters/memory/order-store.ts',
    find: '|| entry.order.sequence !== change.expectedSequence)',
    replace: '|| (change.fence === null && entry.order.sequence > change.expectedSequence + 1))',
  },
  {
    name: 'limit-by-the-wall-clock',
    why: 'what passed is the difference of two times',
    file: 'adapters/memory/work-queue.ts',
    find: 'createAllowance(clock, ratePerMinute);',
    replace: 'createAllowance({ ...clock, moment: () => clock.now() as never }, ratePerMinute);',
  },
  {
    name: 'outage-counts-as-a-try',
    why: 'nobody offered anything, so the try is over',
    file: 'execution/ask-market.ts',
    find: 'return awaited ? waitsFor(awaited) : failed(choice.failure);',
    replace: 'return failed(choice.failure);',
  },
  {
    name: 'untaken-attempt-counts-as-a-try',
    why: 'its blockhash ran out, so it was tried',
    file: 'execution/observe-attempts.ts',
    find: "if (open.get(attempt.signature)?.reach === 'taken') await",
    replace: 'if (open.has(attempt.signature)) await',
  },
  {
    name: 'late-acknowledgement-believed',
    why: 'a node that takes bytes will try to land them',
    file: 'execution/followed-attempt.ts',
    find: "followed.reach = 'acknowledged';",
    replace: "followed.reach = 'taken';",
  },
  {
    name: 'absent-venue-counts-as-a-try',
    why: 'the venue did not build what it had offered',
    file: 'execution/end-try.ts',
    find: "if (error instanceof VenueUnavailable) return { outcome: 'unanswered', reason: error.message };",
    replace:
      "if (error instanceof VenueUnavailable) return failed(failure('offer_not_built', error.message));",
  },
  {
    name: 'signs-past-its-time',
    why: 'the order had time left when its try began',
    file: 'execution/execute-order.ts',
    find: 'if (hasExpired(engine, told.claim.order)) return expireOrder(engine, told.claim);',
    replace: '',
  },
  {
    name: 'goes-on-at-any-price',
    why: 'its first quote fixes the limit of an order that has none',
    file: 'execution/ask-market.ts',
    find: 'return { atFirst: seenAmount, now:',
    replace: 'return null; return { atFirst: seenAmount, now:',
  },
  {
    name: 'waits-for-ever',
    why: 'the chain will come back',
    file: 'execution/expire-order.ts',
    find: 'return untilMs !== null && untilMs <= timeOf(world, order);',
    replace: 'return expiresAtMs !== null && expiresAtMs <= timeOf(world, order);',
  },
  {
    name: 'due-time-believed',
    why: 'an order is due when its due time is over',
    file: 'adapters/memory/order-store.ts',
    find: '(isFar(entry.dueAtMs) && !isHeld(entry))',
    replace: 'isHeld(entry)',
  },
  {
    name: 'lease-end-believed',
    why: 'a lease lives until its end',
    file: 'adapters/memory/order-store.ts',
    find: 'leaseUntilMs > clock.now() && !isFar(leaseUntilMs);',
    replace: 'leaseUntilMs > clock.now();',
  },
];

/** @throws {Error} If the text to replace does not occur exactly once: the source has moved on, the mutant must follow. */
export function applyMutant({ name, file, find, replace }: Mutant, source: string): string {
  const found = source.split(find).length - 1;
  if (found !== 1) throw new Error(`mutant ${name}: its text occurs ${found} times in ${file}`);
  return source.split(find).join(replace);
}
