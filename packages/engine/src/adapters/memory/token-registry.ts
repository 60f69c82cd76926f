import type { Token } from '../../domain/token.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';

/** A fixed list of tokens. @throws {Error} If two share a mint or a symbol. */
export function createMemoryTokenRegistry(tokens: readonly Token[]): TokenRegistry {
  const byName = new Map<string, Token>();
  for (const token of tokens)
    for (const name of [token.mint, token.symbol.toLowerCase()]) {
      if (byName.has(name)) throw new Error(`two tokens are called ${name}`);
      byName.set(name, token);
    }
  return {
    find: (symbolOrMint) => byName.get(symbolOrMint) ?? byName.get(symbolOrMint.toLowerCase()),
    list: () => tokens,
  };
}
