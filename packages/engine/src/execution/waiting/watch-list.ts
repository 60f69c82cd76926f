/** Watched entries by name. Notifies when the list is no longer empty, so that no loop polls an empty list. */
export class WatchList<T> extends Map<string, T> {
  readonly #onFilled: (() => void)[] = [];

  override set(name: string, one: T): this {
    const wasEmpty = this.size === 0;
    super.set(name, one);
    if (wasEmpty) for (const listener of this.#onFilled) listener();
    return this;
  }

  onFilled(listener: () => void): void {
    this.#onFilled.push(listener);
  }
}
