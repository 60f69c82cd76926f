import { deriveAssociatedTokenAccount, SYSTEM_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createTokenAccount } from '../pools/token-accounts.ts';
import { createSeededKeypair } from './keypair.ts';
import { baseUnitsForUsd, MARKET_TOKENS } from './tokens.ts';

/** A trader of the market and its token account of every token, by mint. */
export interface TraderAccounts {
  readonly name: string;
  readonly address: string;
  readonly tokenAccounts: ReadonlyMap<string, string>;
}

/** The first trader keeps the pools near the fair price; the others trade at random. */
const TRADER_NAMES = ['arbitrageur', 'noise-1', 'noise-2', 'noise-3'] as const;

/** Each trader's start: enough fees for ten million transactions, and this much of every token. */
const FEE_LAMPORTS = 50_000n * 1_000_000_000n;
const FUNDS_USD = { arbitrageur: 60_000_000n, noise: 30_000_000n };

export async function createTraders(seed: string): Promise<TraderAccounts[]> {
  return Promise.all(
    TRADER_NAMES.map(async (name) => {
      const { address } = createSeededKeypair(seed, name);
      const entries = MARKET_TOKENS.map(
        async ({ mint }) => [mint, await deriveAssociatedTokenAccount(address, mint)] as const,
      );
      return { name, address, tokenAccounts: new Map(await Promise.all(entries)) };
    }),
  );
}

export function fundTraders(traders: readonly TraderAccounts[]): GenesisAccount[] {
  return traders.flatMap((trader) => {
    const usd = trader.name === 'arbitrageur' ? FUNDS_USD.arbitrageur : FUNDS_USD.noise;
    const wallet: GenesisAccount = {
      address: trader.address,
      lamports: FEE_LAMPORTS,
      owner: SYSTEM_PROGRAM,
      executable: false,
      data: new Uint8Array(),
    };
    const funded = MARKET_TOKENS.map((token) =>
      createTokenAccount({
        address: trader.tokenAccounts.get(token.mint)!,
        mint: token.mint,
        owner: trader.address,
        amount: baseUnitsForUsd(token, usd),
      }),
    );
    return [wallet, ...funded];
  });
}
