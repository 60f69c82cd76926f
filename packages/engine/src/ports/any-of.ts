import { type Moment, momentAfter, NEVER } from '../domain/moment.ts';
import { ChainUnavailable } from './chain.ts';
import type { Clock } from './clock.ts';

/** How long whoever failed is asked last. */
const REST_MS = 10_000;

/**
 * Equal parts of the chain's world, of which each alone can answer, as one: a call goes to the first, and to the next
 * where that is unavailable. Whoever failed is asked last for a while; then one call tries it again, and only one, so
 * that a node that hangs holds up one caller in that time and not all.
 *
 * For reads whose answer is good whoever gives it. What must be said by a certain node, or by two, asks those by name.
 *
 * @param parts At least one; every method returns a promise.
 * @throws {ChainUnavailable} From a call: none can be asked; what the first one asked said.
 */
export function anyOf<T extends { readonly name: string }>(
  parts: readonly T[],
  clock: Pick<Clock, 'moment'>,
): T {
  const restsUntil: Moment[] = parts.map(() => NEVER);

  function order(): readonly number[] {
    const now = clock.moment();
    const ready: number[] = [];
    const resting: number[] = [];
    for (const [index, until] of restsUntil.entries()) {
      if (until > now) resting.push(index);
      else ready.push(index);
      if (until > NEVER && until <= now) restsUntil[index] = momentAfter(now, REST_MS); // This call tries it again.
    }
    return [...ready, ...resting];
  }

  async function ask(method: keyof T, input: readonly unknown[]): Promise<unknown> {
    let failed: unknown;
    for (const index of order()) {
      const part = parts[index] as T;
      try {
        const answer = await (part[method] as (...input: readonly unknown[]) => Promise<unknown>)(...input);
        restsUntil[index] = NEVER;
        return answer;
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
  if (parts.length === 1) return first;
  const methods = Object.keys(first).filter((key) => typeof first[key as keyof T] === 'function');
  const one = methods.map((method) => [method, (...input: unknown[]) => ask(method as keyof T, input)]);
  return { ...Object.fromEntries(one), name: parts.map(({ name }) => name).join(' or ') } as T;
}
