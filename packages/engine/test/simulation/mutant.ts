import type { FaultName } from './faults.ts';

/** A mistake that an author could make, as a change of one source. The simulation must notice each. */
export interface Mutant {
  readonly name: string;
  /** What the mistaken would believe. */
  readonly why: string;
  /** From packages/engine/src. */
  readonly file: string;
  /** Occurs there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Only these faults show it: a world that has none of them hides it. Absent where unrelated ones do, or none is needed. */
  readonly shownBy?: readonly FaultName[];
}

/** @throws {Error} If the text to replace does not occur exactly once: the source has moved on, the mutant must follow. */
export function applyMutant({ name, file, find, replace }: Mutant, source: string): string {
  const found = source.split(find).length - 1;
  if (found !== 1) throw new Error(`mutant ${name}: its text occurs ${found} times in ${file}`);
  return source.split(find).join(replace);
}
