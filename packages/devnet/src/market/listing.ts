import { join } from 'node:path';
import type { Chain } from '../chain/chain.ts';
import type { DevnetPool, DevnetToken, Genesis, MarketMood } from '../genesis.ts';
import { readCheckedJson, writeCheckedJson } from '../ledger/checked-text.ts';
import { PLACED_PROGRAMS, placePool } from './place-pool.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The devnet's market as `GET /admin/market` shows it. */
export interface MarketDescription {
  readonly mood: string;
  readonly tokens: readonly DevnetToken[];
  readonly pools: readonly DevnetPool[];
  /** Address lookup tables with the accounts that swaps of the pools name. */
  readonly lookupTables: readonly string[];
}

type TokenJson = Omit<DevnetToken, 'priceUsdMicros'> & { readonly priceUsdMicros: string };

/** All tokens and pools: those of genesis, and those launched since, also before a restart. */
export class MarketListing {
  private readonly mood: MarketMood;
  private readonly lookupTables: readonly string[];
  private readonly path: string;
  private readonly genesisTokens: readonly DevnetToken[];
  private launchedTokens: readonly DevnetToken[];
  private placed: readonly PlacedPool[];

  /**
   * @param parts.directory The ledger's directory, which keeps the names of launched tokens: the chain has no names.
   */
  constructor(parts: { chain: Chain; genesis: Genesis; mood: MarketMood; directory: string }) {
    const { chain, genesis, mood, directory } = parts;
    this.mood = mood;
    this.lookupTables = genesis.lookupTables;
    this.path = join(directory, 'launched-tokens.json');
    this.genesisTokens = genesis.tokens;
    this.launchedTokens = readTokens(this.path);
    const known = new Set(genesis.placedPools.map(({ address }) => address));
    this.placed = [...genesis.placedPools, ...poolsOf(chain).filter(({ address }) => !known.has(address))];
  }

  get pools(): readonly PlacedPool[] {
    return this.placed;
  }

  get tokens(): readonly DevnetToken[] {
    return [...this.genesisTokens, ...this.launchedTokens];
  }

  describe(): MarketDescription {
    const { mood, tokens, lookupTables } = this;
    const pools = this.placed.map(({ address, kind, mint0, mint1, feeBps }) => {
      return { address, kind, mint0, mint1, feeBps };
    });
    return { mood, tokens, pools, lookupTables };
  }

  addToken(token: DevnetToken): void {
    this.launchedTokens = [...this.launchedTokens, token];
    const json = this.launchedTokens.map((one) => ({ ...one, priceUsdMicros: String(one.priceUsdMicros) }));
    writeCheckedJson(this.path, json);
  }

  addPool(pool: PlacedPool): void {
    this.placed = [...this.placed, pool];
  }
}

/** Every pool on the chain, in the order of their addresses. */
function poolsOf(chain: Chain): PlacedPool[] {
  const read = (address: string) => chain.accounts.read(address);
  return PLACED_PROGRAMS.flatMap((program) => [...chain.accounts.ofProgram(program)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([address, state]) => placePool({ address, ...state }, read) ?? []);
}

function readTokens(path: string): DevnetToken[] {
  const json = (readCheckedJson(path)?.value ?? []) as TokenJson[];
  return json.map((token) => ({ ...token, priceUsdMicros: BigInt(token.priceUsdMicros) }));
}
