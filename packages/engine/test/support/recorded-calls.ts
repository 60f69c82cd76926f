import type { InputOf, MethodOf } from './fault-hooks.ts';

/** The inputs of every later call of one method, which does what it did before. For parts of the engine that are no port. */
export function recordCalls<T extends object, K extends MethodOf<T>>(part: T, method: K): InputOf<T, K>[] {
  const inputs: InputOf<T, K>[] = [];
  const run = part[method] as (...input: InputOf<T, K>) => unknown;
  Object.assign(part, {
    [method]: (...input: InputOf<T, K>) => {
      inputs.push(input);
      return run.apply(part, input);
    },
  });
  return inputs;
}
