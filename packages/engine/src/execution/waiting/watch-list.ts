/** What is watched, by name. Tells when it is no longer empty, so that nobody looks at an empty list again and again. */
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
