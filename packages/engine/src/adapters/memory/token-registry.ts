import type { Token } from '../../domain/token.ts';
import { TokenList } from '../../domain/token-list.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';

/** A fixed list of tokens. @throws {Error} If two share a mint or a symbol. */
export function createMemoryTokenRegistry(tokens: readonly Token[]): TokenRegistry {
  const list = new TokenList();
  for (const token of tokens) list.add(token);
  return list;
}
