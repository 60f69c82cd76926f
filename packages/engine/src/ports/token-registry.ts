import type { Token } from '../domain/token.ts';

/** The tokens that can be traded here. */
export interface TokenRegistry {
  /** By mint, or by symbol without regard to case. Two tokens never share a symbol here. */
  find(symbolOrMint: string): Token | undefined;
  list(): readonly Token[];
}
