import type { Logger } from '../../ports/logger.ts';
import { WatchList } from '../waiting/watch-list.ts';

/** Who is told of each newer reading of the pools. */
export class ChangeListeners extends WatchList<symbol, () => void> {
  readonly #log: Logger;

  constructor(log: Logger) {
    super();
    this.#log = log;
  }

  /** @returns Removes the listener. */
  add(listener: () => void): () => void {
    const key = Symbol('listener');
    this.set(key, listener);
    return () => void this.delete(key);
  }

  /** A listener that throws harms neither the others nor the quotes of an order. */
  tell(): void {
    for (const listener of [...this.values()]) {
      try {
        listener();
      } catch (error) {
        this.#log.error({ error }, 'listener to the market failed');
      }
    }
  }
}
