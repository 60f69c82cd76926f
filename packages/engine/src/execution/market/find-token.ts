import { isMintLike, type Token } from '../../domain/token.ts';
import type { WithMarket } from './market-watch.ts';

/**
 * The token that a client names: by its symbol as `GET /api/tokens` shows it, in any case, or by its mint. One that may have
 * been launched just now is looked for first. Every name of a token that comes from outside is read here.
 */
export async function findToken(
  { tokens, market }: Pick<WithMarket, 'tokens' | 'market'>,
  symbolOrMint: string,
): Promise<Token | undefined> {
  const known = tokens.find(symbolOrMint);
  if (known || !isMintLike(symbolOrMint)) return known;
  await market.discover();
  return tokens.find(symbolOrMint);
}
