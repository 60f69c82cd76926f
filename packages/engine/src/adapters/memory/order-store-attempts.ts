import type { Attempt } from '../../domain/attempt.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import type { Signature } from '../../domain/signature.ts';
import { frozenCopy } from './frozen-copy.ts';

/**
 * The attempts of an order after a change; undefined if the change no longer fits them.
 *
 * @throws {Error} If the signature was recorded before: one transaction cannot be two attempts.
 */
export function changedAttempts(
  attempts: readonly Attempt[],
  change: AttemptChange | undefined,
  signatures: ReadonlySet<Signature>,
): readonly Attempt[] | undefined {
  if (!change) return attempts;
  const hasOpen = attempts.some((attempt) => attempt.state === 'open');
  if (change.kind === 'record') {
    const { attemptNumber, signature } = change.attempt;
    const isNumberTaken = attempts.some((attempt) => attempt.attemptNumber === attemptNumber);
    if (hasOpen || isNumberTaken) return undefined;
    if (signatures.has(signature)) throw new Error(`signature ${signature} is recorded already`);
    return [...attempts, frozenCopy(change.attempt)];
  }
  const { attemptNumber, from, to, slot, finalized } = change;
  const target = attempts.find((attempt) => attempt.attemptNumber === attemptNumber);
  if (target?.state !== from) return undefined;
  if (to === 'open' && from !== 'open' && hasOpen) return undefined;
  return attempts.map((attempt) =>
    attempt === target ? Object.freeze({ ...attempt, state: to, slot, finalized }) : attempt,
  );
}
