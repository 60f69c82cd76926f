import { type Moment, momentAfter, NEVER } from '../../domain/moment.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Told } from '../../ports/told.ts';

/** How long a failed part is asked last. */
const REST_MS = 10_000;

export interface FirstAvailable<T> {
  /** Each of its methods asks the first available part. */
  readonly any: T;
  /** Asks the first available part, and tells which one answered. */
  ask<A>(question: (part: T) => Promise<A>): Promise<Told<T, A>>;
}

/**
 * Failover over equal parts, such as nodes, each of which can answer alone: a call goes to the first part, and to the next
 * one if that is unavailable. A failed part is asked last for `REST_MS`. Then only one call tries it again, so that a node
 * that hangs delays one caller in that time and not all.
 *
 * For reads that need only one part's answer. Reads that need a certain node, or two nodes, call those directly.
 *
 * @param parts At least one; every method returns a promise.
 * @throws {ChainUnavailable} From a call: no part is available; the error of the first part that was asked.
 */
export function firstAvailable<T extends { readonly name: string }>(
  parts: readonly T[],
  clock: Pick<Clock, 'moment'>,
): FirstAvailable<T> {
  const restsUntil: Moment[] = parts.map(() => NEVER);

  function order(): readonly number[] {
    const now = clock.moment();
    const ready: number[] = [];
    const resting: number[] = [];
    for (const [index, until] of restsUntil.entries()) {
      if (until > now) resting.push(index);
      else ready.push(index);
      if (until > NEVER && until <= now) restsUntil[index] = momentAfter(now, REST_MS); // This call tries the part again.
    }
    return [...ready, ...resting];
  }

  async function ask<A>(question: (part: T) => Promise<A>): Promise<Told<T, A>> {
    let failed: unknown;
    for (const index of order()) {
      const node = parts[index] as T;
      try {
        const answer = await question(node);
        restsUntil[index] = NEVER;
        return { node, answer };
      } catch (error) {
        if (!(error instanceof ChainUnavailable)) throw error;
        failed ??= error;
        restsUntil[index] = momentAfter(clock.moment(), REST_MS);
      }
    }
    throw failed;
  }

  const [first] = parts;
  if (!first) throw new Error('at least one part is needed');
  if (parts.length === 1) return { any: first, ask };
  const methods = Object.keys(first).filter((key) => typeof first[key as keyof T] === 'function');
  const one = methods.map((method) => [
    method,
    async (...input: readonly unknown[]) => {
      const { answer } = await ask((part) => (part[method as keyof T] as Method)(...input));
      return answer;
    },
  ]);
  const any = { ...Object.fromEntries(one), name: parts.map(({ name }) => name).join(' or ') } as T;
  return { any, ask };
}

type Method = (...input: readonly unknown[]) => Promise<unknown>;
