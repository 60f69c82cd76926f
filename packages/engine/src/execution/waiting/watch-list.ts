/** Watched entries by id. Notifies when the list is no longer empty, so that no loop polls an empty list. */
export class WatchList<Id, T> extends Map<Id, T> {
  readonly #onFilled: (() => void)[] = [];

  override set(id: Id, one: T): this {
    const wasEmpty = this.size === 0;
    super.set(id, one);
    if (wasEmpty) for (const listener of this.#onFilled) listener();
    return this;
  }

  onFilled(listener: () => void): void {
    this.#onFilled.push(listener);
  }
}
