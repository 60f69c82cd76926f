import { readMint } from './chain/token-account.ts';
import type { AccountDumps } from './dumps/read-dumps.ts';
import type { GenesisAccount } from './genesis-account.ts';
import { layOutEmptyMarket, layOutMarket, type MarketLayout } from './market/layout.ts';
import { createMarketLookupTable } from './market/lookup-table.ts';
import type { MarketMood } from './market/mood.ts';
import { placePool } from './market/place-pool.ts';
import type { PlacedPool } from './market/placed-pool.ts';
import { MARKET_TOKENS, type MarketToken } from './market/tokens.ts';
import { createTraders, fundTraders, type TraderAccounts } from './market/traders.ts';
import { createMint } from './pools/token-accounts.ts';
import { PROGRAM_NAMES, PROGRAMS, readCommittedProgram } from './programs.ts';

export type { GenesisAccount } from './genesis-account.ts';
export type { MarketMood } from './market/mood.ts';

export interface DevnetToken {
  readonly mint: string;
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
  /** Start price, 1e-6 USD per whole token. */
  readonly priceUsdMicros: bigint;
}

export interface DevnetPool {
  readonly address: string;
  readonly kind: PlacedPool['kind'];
  readonly mint0: string;
  readonly mint1: string;
  /** The fee without any dynamic part. */
  readonly feeBps: number;
}

export interface Genesis {
  readonly accounts: GenesisAccount[];
  readonly programs: { address: string; elf: Uint8Array }[];
  readonly tokens: DevnetToken[];
  readonly pools: DevnetPool[];
  /** Address lookup tables with the accounts that swaps of the pools name. */
  readonly lookupTables: string[];
  /** The addresses behind `pools`. */
  readonly placedPools: readonly PlacedPool[];
  /** For the market alone: its own pools, and its traders' token accounts. */
  readonly layout: MarketLayout;
  readonly traders: readonly TraderAccounts[];
}

interface GenesisOptions {
  readonly seed: string;
  readonly mood: MarketMood;
  /** Accounts and programs that replace those with the same address. */
  readonly dumps?: AccountDumps;
}

/**
 * The chain before its first block: programs, tokens with their mainnet mints, pools, and the market's traders. The
 * same options give the same bytes. With mood `none` there are no traders, and with dumps there are only the pools of
 * the dumps. It has no user's wallet: a client funds one through the admin API.
 *
 * @throws {Error} A pool of the dumps lacks an account that it needs.
 */
export async function createGenesis({ seed, mood, dumps }: GenesisOptions): Promise<Genesis> {
  const layout = mood === 'none' && dumps ? await layOutEmptyMarket() : await layOutMarket();
  const lookupTable = await createMarketLookupTable(layout.pools);
  const traders = mood === 'none' ? [] : await createTraders(seed);
  const mints = MARKET_TOKENS.map((token) =>
    createMint({
      address: token.mint,
      decimals: token.decimals,
      supply: token.supply * 10n ** BigInt(token.decimals),
    }),
  );
  const own = [...mints, ...layout.accounts, lookupTable, ...fundTraders(traders)];
  const dumped = dumps?.accounts ?? [];
  const accounts = new Map([...own, ...dumped].map((account) => [account.address, account]));
  const dumpedPools = dumped.flatMap(
    (account) => placePool(account, (address) => accounts.get(address) ?? null) ?? [],
  );
  const placedPools = [...layout.pools, ...dumpedPools];
  return {
    accounts: [...accounts.values()],
    programs: [
      ...PROGRAM_NAMES.map((name) => ({ address: PROGRAMS[name], elf: readCommittedProgram(name) })),
      ...(dumps?.programs ?? []),
    ],
    tokens: [...MARKET_TOKENS.map(toDevnetToken), ...tokensOf(dumped)],
    pools: placedPools.map(({ address, kind, mint0, mint1, feeBps }) => ({
      address,
      kind,
      mint0,
      mint1,
      feeBps,
    })),
    lookupTables: [lookupTable.address],
    placedPools,
    layout,
    traders,
  };
}

function toDevnetToken({ mint, symbol, name, decimals, priceUsdPicos }: MarketToken): DevnetToken {
  return { mint, symbol, name, decimals, priceUsdMicros: priceUsdPicos / 1_000_000n };
}

/** Tokens of the dumps without a name on the devnet. Their price is unknown, so it is one US dollar. */
function tokensOf(dumped: readonly GenesisAccount[]): DevnetToken[] {
  const known = new Set(MARKET_TOKENS.map(({ mint }) => mint));
  return dumped.flatMap((account) => {
    const mint = known.has(account.address) ? null : readMint(account);
    if (mint === null) return [];
    const symbol = `${account.address.slice(0, 4)}…${account.address.slice(-4)}`;
    const { address, decimals } = { ...account, ...mint };
    return [{ mint: address, symbol, name: address, decimals, priceUsdMicros: 1_000_000n }];
  });
}
