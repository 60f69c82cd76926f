import type { Clock } from '../../src/ports/clock.ts';

export type MethodOf<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends (...input: never[]) => unknown ? K : never;
}[keyof T];
export type InputOf<T, K extends keyof T> =
  NonNullable<T[K]> extends (...input: infer Input) => unknown ? Input : never;

/** Which calls meet a fault: the first `times` of those for which `when` holds. All of them without either. */
export interface Only<T, K extends keyof T> {
  readonly times?: number;
  readonly when?: (...input: InputOf<T, K>) => boolean;
}

interface Armed {
  readonly fault: Fault;
  left: number;
  readonly when: (input: readonly unknown[]) => boolean;
}

type Fault =
  | { readonly kind: 'fails' | 'losesAnswer'; readonly error: Error }
  | { readonly kind: 'drops' }
  | { readonly kind: 'waits'; readonly until: () => Promise<void> }
  | { readonly kind: 'follows' | 'precedes'; readonly run: () => unknown };

/**
 * What can go wrong between the engine and one port. The port itself stays the real adapter: a call without a fault reaches
 * it unchanged and at once. A method has one fault at a time, and a later one replaces it.
 */
export interface FaultHooks<T extends object> {
  /** The port behind these hooks. May be asked for again, as after a crash: the hooks and their state stay the same. */
  around(port: T): T;
  /** A call has no effect and is answered with the error. */
  fail<K extends MethodOf<T>>(method: K, error?: Error, only?: Only<T, K>): void;
  /** A call has its effect, and its answer is the error. */
  loseAnswer<K extends MethodOf<T>>(method: K, error?: Error, only?: Only<T, K>): void;
  /** A call has no effect, and its caller learns nothing of it. For methods that answer with nothing. */
  drop<K extends MethodOf<T>>(method: K, only?: Only<T, K>): void;
  /** A call takes effect `ms` later. */
  delay(method: MethodOf<T>, ms: number): void;
  /** A call takes effect once the returned function was called; never, if it is not. */
  hold(method: MethodOf<T>): () => void;
  /** Something else happens after a call began and before it takes effect. */
  meanwhile<K extends MethodOf<T>>(method: K, run: () => unknown, only?: Only<T, K>): void;
  /** Something else happens after a call took effect and before it is answered. */
  afterwards<K extends MethodOf<T>>(method: K, run: () => unknown, only?: Only<T, K>): void;
  /** Every call of every method is answered with the error. */
  cutOff(error: Error): void;
  /** Ends the fault of a method; without one, every fault. A call that waits goes on waiting for its own end. */
  heal(method?: MethodOf<T>): void;
  /** The input of every call of the method, in order, whatever became of it. The reader may empty the list. */
  calls<K extends MethodOf<T>>(method: K): InputOf<T, K>[];
}

/** @param synchronous Methods that throw where the others reject. */
export function createFaultHooks<T extends object>(
  clock: Pick<Clock, 'sleep'>,
  synchronous: readonly MethodOf<T>[] = [],
): FaultHooks<T> {
  const faults = new Map<PropertyKey, Armed>();
  const inputs = new Map<PropertyKey, unknown[][]>();
  let cut: Error | undefined;

  const inputsOf = (method: PropertyKey): unknown[][] => {
    const known = inputs.get(method) ?? [];
    inputs.set(method, known);
    return known;
  };

  function set<K extends MethodOf<T>>(method: K, fault: Fault, only: Only<T, K> = {}): void {
    const { times = Number.POSITIVE_INFINITY, when = () => true } = only;
    faults.set(method, { fault, left: times, when: (input) => when(...(input as InputOf<T, K>)) });
  }

  function take(method: PropertyKey, input: readonly unknown[]): Fault | undefined {
    if (cut) return { kind: 'fails', error: cut };
    const armed = faults.get(method);
    if (!armed?.when(input)) return undefined;
    armed.left -= 1;
    if (armed.left <= 0) faults.delete(method);
    return armed.fault;
  }

  function call(method: PropertyKey, input: readonly unknown[], run: () => unknown): unknown {
    const fault = take(method, input);
    switch (fault?.kind) {
      case undefined:
        return run();
      case 'fails':
        if (synchronous.includes(method as MethodOf<T>)) throw fault.error;
        return Promise.reject(fault.error);
      case 'losesAnswer':
        return Promise.resolve(run()).then(() => Promise.reject(fault.error));
      case 'drops':
        return synchronous.includes(method as MethodOf<T>) ? undefined : Promise.resolve();
      case 'waits':
        return fault.until().then(run);
      case 'follows':
        return Promise.resolve(fault.run()).then(run);
      case 'precedes':
        return Promise.resolve(run()).then(async (answer) => {
          await fault.run();
          return answer;
        });
    }
  }

  return {
    around: (port) =>
      new Proxy(port, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== 'function') return value;
          return (...input: unknown[]) => {
            inputsOf(method).push(input);
            return call(method, input, () => value.apply(target, input));
          };
        },
      }),
    fail: (method, error = new Error(`${String(method)} failed`), only) =>
      set(method, { kind: 'fails', error }, only),
    loseAnswer: (method, error = new Error('answer lost'), only) =>
      set(method, { kind: 'losesAnswer', error }, only),
    drop: (method, only) => set(method, { kind: 'drops' }, only),
    delay: (method, ms) => set(method, { kind: 'waits', until: () => clock.sleep(ms) }),
    hold(method) {
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      set(method, { kind: 'waits', until: () => released });
      return () => {
        faults.delete(method);
        release();
      };
    },
    meanwhile: (method, run, only) => set(method, { kind: 'follows', run }, only),
    afterwards: (method, run, only) => set(method, { kind: 'precedes', run }, only),
    cutOff(error) {
      cut = error;
    },
    heal(method) {
      if (method !== undefined) return void faults.delete(method);
      faults.clear();
      cut = undefined;
    },
    calls: <K extends MethodOf<T>>(method: K) => inputsOf(method) as InputOf<T, K>[],
  };
}
