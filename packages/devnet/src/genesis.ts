import type { GenesisAccount } from './genesis-account.ts';
import { layOutMarket, type MarketLayout } from './market/layout.ts';
import { createMarketLookupTable } from './market/lookup-table.ts';
import type { MarketMood } from './market/mood.ts';
import { MARKET_TOKENS } from './market/tokens.ts';
import { createTraders, fundTraders, type TraderAccounts } from './market/traders.ts';
import { METEORA_DAMM_V2_PROGRAM, RAYDIUM_CPMM_PROGRAM } from './pools/addresses.ts';
import { createMint } from './pools/token-accounts.ts';
import { readCommittedProgram } from './programs.ts';

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
  readonly kind: 'raydium-cpmm' | 'meteora-damm-v2';
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
  /** Address lookup tables that hold what swaps of the pools name. */
  readonly lookupTables: string[];
  /** For the market alone: the addresses behind `pools`, and its traders' token accounts. */
  readonly layout: MarketLayout;
  readonly traders: readonly TraderAccounts[];
}

/**
 * The chain before its first block: programs, tokens with their mainnet mints, pools, and the market's traders.
 * Depends on the seed and the mood alone; the same options give the same bytes.
 *
 * With mood `none` there are no traders. Wallets of users are not part of it: whoever funds one sets its balance.
 */
export async function createGenesis(options: { seed: string; mood: MarketMood }): Promise<Genesis> {
  const layout = await layOutMarket();
  const lookupTable = await createMarketLookupTable(layout.pools);
  const traders = options.mood === 'none' ? [] : await createTraders(options.seed);
  const mints = MARKET_TOKENS.map((token) =>
    createMint({
      address: token.mint,
      decimals: token.decimals,
      supply: token.supply * 10n ** BigInt(token.decimals),
    }),
  );
  return {
    accounts: [...mints, ...layout.accounts, lookupTable, ...fundTraders(traders)],
    programs: [
      { address: RAYDIUM_CPMM_PROGRAM, elf: readCommittedProgram('raydium-cpmm') },
      { address: METEORA_DAMM_V2_PROGRAM, elf: readCommittedProgram('meteora-damm-v2') },
    ],
    tokens: MARKET_TOKENS.map(({ mint, symbol, name, decimals, priceUsdPicos }) => ({
      mint,
      symbol,
      name,
      decimals,
      priceUsdMicros: priceUsdPicos / 1_000_000n,
    })),
    pools: layout.pools.map(({ address, kind, mint0, mint1, feeBps }) => ({
      address,
      kind,
      mint0,
      mint1,
      feeBps,
    })),
    lookupTables: [lookupTable.address],
    layout,
    traders,
  };
}
