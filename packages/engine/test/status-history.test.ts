import { expect, test } from 'vitest';
import { type Signature, toSignature } from '../src/domain/signature.ts';
import { askHistory } from '../src/execution/proofs/status-history.ts';
import { idleNode } from './support/lying-node.ts';

/** A node that answers these slots one after another, the last one again and again. */
function answering(answers: { readonly first: readonly bigint[]; readonly context: readonly bigint[] }) {
  const next = (all: readonly bigint[], turn: number): bigint => all[Math.min(turn, all.length - 1)]!;
  const batches: Signature[][] = [];
  let asked = 0;
  const node = idleNode({
    firstAvailableSlot: async () => next(answers.first, asked++),
    signatureStatuses: async (signatures, options) => {
      expect(options).toEqual({ searchHistory: true });
      const contextSlot = next(answers.context, batches.length);
      batches.push([...signatures]);
      const statuses = signatures.map((one) =>
        one === 'known' ? ({ slot: 5n, commitment: 'finalized', error: null } as const) : null,
      );
      return { contextSlot, statuses };
    },
  });
  return { node, batches };
}

const many = Array.from({ length: 600 }, (_, index) => toSignature(index === 300 ? 'known' : `s${index}`));

test('asks in batches of 256, and keeps the answers in their places', async () => {
  const { node, batches } = answering({ first: [1n], context: [50n] });
  const { statuses } = await askHistory(node, many);
  expect(batches.map(({ length }) => length)).toEqual([256, 256, 88]);
  expect(statuses.flatMap((status, index) => (status ? [index] : []))).toEqual([300]);
  expect(statuses).toHaveLength(600);
});

test.each([
  ['first', [40n, 50n, 45n]],
  ['second', [50n, 40n, 45n]],
  ['last', [45n, 50n, 40n]],
])('the answers hold for the earliest slot, that of the %s, or a later one', async (_which, context) => {
  const { node } = answering({ first: [1n], context });
  expect((await askHistory(node, many)).contextSlot).toBe(40n);
});

test.each([
  ['forgets meanwhile', [10n, 20n]],
  ['is another one meanwhile, that has more', [20n, 10n]],
])('the shorter history counts of a node that %s', async (_what, first) => {
  const { node } = answering({ first, context: [50n] });
  expect((await askHistory(node, [toSignature('s1')])).firstSlot).toBe(20n);
});
