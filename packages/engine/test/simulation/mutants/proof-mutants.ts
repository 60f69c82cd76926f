import type { Mutant } from '../mutant.ts';

/** What a proof rests on: that a transaction can never land, that it landed, that it reverted. */
export const PROOF_MUTANTS: readonly Mutant[] = [
  {
    name: 're-sign-on-send-error',
    why: 'every node refused the bytes, so they cannot land',
    file: 'execution/attempts/observe-attempts.ts',
    find: 'await sendFollowed(ports, followed);\n}',
    replace: `const sent = await Promise.allSettled(ports.chain.nodes.map((node) => node.send(attempt.bytes)));
  if (sent.every(({ status }) => status === 'rejected')) {
    const { closeDead } = await import('./followed-attempt.ts');
    open.delete(attempt.signature);
    await closeDead(ports, followed);
  }
}`,
  },
  {
    name: 'wall-clock-expiry',
    why: 'after so many seconds nothing lands any more',
    file: 'execution/proofs/prove-absence.ts',
    find: '({ lastValidBlockHeight }, { blockHeight }) => blockHeight > lastValidBlockHeight,',
    replace: '({ recordedAtMs }) => ports.clock.now() > recordedAtMs + 4_000,',
  },
  {
    name: 'height-not-final',
    why: 'the newest height is as good as the final one',
    file: 'execution/proofs/prove-absence.ts',
    find: 'blockHeight > lastValidBlockHeight,',
    replace: 'blockHeight + 3n > lastValidBlockHeight,',
  },
  {
    name: 'error-read-as-absent',
    why: 'a node without an answer does not know the transaction',
    file: 'execution/proofs/status-history.ts',
    find: 'const answer = await node.signatureStatuses(asked, { searchHistory: true });',
    replace: `const answer = await node
      .signatureStatuses(asked, { searchHistory: true })
      .catch(() => ({ contextSlot: 10n ** 9n, statuses: asked.map(() => null) }));`,
  },
  {
    name: 'status-asked-before-height',
    why: 'the order of two questions does not matter',
    file: 'execution/proofs/prove-absence.ts',
    find: 'const epoch = await node.finalizedEpoch();',
    replace: `const all = [...attempts, ...(await ports.remembered.newest())].map(({ signature }) => signature);
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
    file: 'execution/proofs/prove-absence.ts',
    find: 'else if (!hasHole && history.contextSlot >= epoch.absoluteSlot) absent.push(attempt);',
    replace: 'else if (!hasHole) absent.push(attempt);',
  },
  {
    name: 'history-not-checked',
    why: 'a node that does not know it has never seen it',
    file: 'execution/proofs/prove-absence.ts',
    find: 'if (firstSlot <= signingSlot) proofs.set',
    replace: 'if (firstSlot <= signingSlot || true) proofs.set',
  },
  {
    name: 'history-not-searched',
    why: 'the plain status query is cheaper',
    file: 'execution/proofs/status-history.ts',
    find: '{ searchHistory: true }',
    replace: '{ searchHistory: false }',
  },
  {
    name: 'one-node-suffices',
    why: 'the second node only costs time',
    file: 'execution/proofs/prove-absence.ts',
    find: 'const needed = Math.min(nodes.length, 2);',
    replace: 'const needed = 1;',
  },
  {
    name: 'revert-counts-when-confirmed',
    why: 'confirmed is final enough for a transaction that did nothing',
    file: 'execution/proofs/prove-reverted.ts',
    find: "PROVEN_AT = 'finalized'",
    replace: "PROVEN_AT = 'confirmed'",
  },
  {
    name: 'fork-ignored',
    why: 'confirmed blocks do not vanish',
    file: 'execution/attempts/poll-landed.ts',
    find: 'else if (absent.includes(followed.attempt)) await reopen(watch, followed);',
    replace: 'else if (absent.includes(followed.attempt)) landed.delete(signature);',
  },
  {
    name: 'landing-read-again-from-its-node',
    why: 'a second reading is a second reading, whoever is asked',
    file: 'execution/attempts/read-final-fill.ts',
    find: 'name !== landing.node && name !== finalBy',
    replace: 'name === landing.node',
    shownBy: ['misreader'],
  },
  {
    name: 'first-of-two-fills-kept',
    why: 'the nodes read the same ledger, so any of them will do',
    file: 'execution/attempts/read-final-fill.ts',
    find: 'tellers.length < Math.min(shown.length, 2)',
    replace: 'tellers.length < 1',
    shownBy: ['misreader'],
  },
];
