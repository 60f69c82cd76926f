import type { Token } from './token.ts';

/** Tokens by mint, and by symbol without regard to case. It only grows, so a name never changes its meaning. */
export class TokenList {
  readonly #byName = new Map<string, Token>();
  readonly #tokens: Token[] = [];

  /** @throws {Error} Another token has the mint or the symbol. */
  add(token: Token): void {
    const names = [token.mint, token.symbol.toLowerCase()];
    for (const name of names) if (this.#byName.has(name)) throw new Error(`two tokens are called ${name}`);
    for (const name of names) this.#byName.set(name, token);
    this.#tokens.push(token);
  }

  find(symbolOrMint: string): Token | undefined {
    return this.#byName.get(symbolOrMint) ?? this.#byName.get(symbolOrMint.toLowerCase());
  }

  list(): readonly Token[] {
    return this.#tokens;
  }
}
