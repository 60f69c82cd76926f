import type { Mint, Token } from '../domain/token.ts';

/** The tradable tokens. */
export interface TokenRegistry {
  /** By mint, or by symbol without regard to case. Two tokens never share a symbol here, and none changes its own. */
  find(symbolOrMint: string): Token | undefined;
  list(): readonly Token[];
}

/** A registry that reads tokens when they first appear. */
export interface LearningTokenRegistry extends TokenRegistry {
  /**
   * Adds those of these mints that can be read. May be repeated.
   * @throws {ChainUnavailable} The mints could not be read.
   */
  learn(mints: readonly Mint[]): Promise<void>;
}
