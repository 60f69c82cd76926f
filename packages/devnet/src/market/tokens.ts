import { NATIVE_MINT } from '@oee/solana';

/** A token of the devnet, with the mint and decimals that it has on mainnet. */
export interface MarketToken {
  readonly mint: string;
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
  /** Start price, 1e-12 USD per whole token: fine enough for tokens of a thousandth of a cent. */
  readonly priceUsdPicos: bigint;
  /** Whole tokens in existence. */
  readonly supply: bigint;
  /** How the fair price moves: freely, in step with SOL plus a little, or hardly at all. */
  readonly follows: 'itself' | 'SOL' | 'USD';
}

const USD = 10n ** 12n;

/** Prices and supplies of the order of magnitude of 2026; nothing here is a live price. */
export const MARKET_TOKENS: readonly MarketToken[] = [
  token('SOL', 'Wrapped SOL', NATIVE_MINT, 9, 172_400n * (USD / 1_000n), 600_000_000n, 'itself'),
  token('USDC', 'USD Coin', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', 6, USD, 9_000_000_000n, 'USD'),
  token('USDT', 'USDT', 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', 6, USD, 3_000_000_000n, 'USD'),
  token(
    'JUP',
    'Jupiter',
    'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN',
    6,
    520n * (USD / 1_000n),
    7_000_000_000n,
  ),
  token(
    'RAY',
    'Raydium',
    '4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R',
    6,
    2_350n * (USD / 1_000n),
    555_000_000n,
  ),
  token('BONK', 'Bonk', 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263', 5, 21_400_000n, 88_000_000_000_000n),
  token(
    'WIF',
    'dogwifhat',
    'EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm',
    6,
    840n * (USD / 1_000n),
    998_000_000n,
  ),
  token(
    'PYTH',
    'Pyth Network',
    'HZ1JovNiVvGrGNiiYvEozEVgZ58xaU3RKwX8eACQBCt3',
    6,
    145n * (USD / 1_000n),
    9_990_000_000n,
  ),
  token(
    'mSOL',
    'Marinade staked SOL',
    'mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So',
    9,
    226_700n * (USD / 1_000n),
    4_000_000n,
    'SOL',
  ),
  token(
    'JitoSOL',
    'Jito Staked SOL',
    'J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn',
    9,
    215_300n * (USD / 1_000n),
    15_000_000n,
    'SOL',
  ),
  // Tokens of the Wormhole bridge: 8 decimals on Solana, whatever their decimals on their own chain.
  token(
    'BTC',
    'Wrapped BTC (Wormhole)',
    '3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh',
    8,
    92_500n * USD,
    10_000n,
  ),
  token('ETH', 'Ether (Wormhole)', '7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs', 8, 3_150n * USD, 120_000n),
  token(
    'BNB',
    'Wrapped BNB (Wormhole)',
    '9gP2kCy3wA1ctvYWQk75guqXuHfrEomqydHLtcTCqiLa',
    8,
    890n * USD,
    400_000n,
  ),
];

export function marketToken(symbol: string): MarketToken {
  const found = MARKET_TOKENS.find((candidate) => candidate.symbol === symbol);
  if (found === undefined) throw new Error(`the devnet has no token ${symbol}`);
  return found;
}

/** Base units that this many whole US dollars buy at the start price. */
export function baseUnitsForUsd(token: MarketToken, usd: bigint): bigint {
  return (usd * USD * 10n ** BigInt(token.decimals)) / token.priceUsdPicos;
}

function token(
  symbol: string,
  name: string,
  mint: string,
  decimals: number,
  priceUsdPicos: bigint,
  supply: bigint,
  follows: MarketToken['follows'] = 'itself',
): MarketToken {
  return { symbol, name, mint, decimals, priceUsdPicos, supply, follows };
}
