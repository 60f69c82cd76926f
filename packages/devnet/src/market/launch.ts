import type { Chain } from '../chain/chain.ts';
import { readMint } from '../chain/token-account.ts';
import { type AccountState, NO_ACCOUNT } from '../chain/vm.ts';
import type { GenesisAccount } from '../genesis-account.ts';
import { createMint, TOKEN_AMOUNT_OFFSET } from '../pools/token-accounts.ts';
import { Problem } from '../problem.ts';
import { createSeededKeypair } from './keypair.ts';
import type { KindName, LaunchableKind } from './kinds/pool-kind.ts';
import { kindOf } from './kinds/pool-kinds.ts';
import type { MarketListing } from './listing.ts';
import type { NewPool, PoolSide } from './new-pool.ts';
import type { PlacedPool } from './placed-pool.ts';
import { viewPool } from './pool-view.ts';

const MICROS = 1_000_000n;

export interface LaunchOrder {
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
  /** A kind that can be launched. */
  readonly kind: KindName;
  /** The token that it is traded against. */
  readonly quoteMint: string;
  /** Base units in the pool at the start. */
  readonly baseAmount: bigint;
  readonly quoteAmount: bigint;
  /** For DAMM v2: how far the price can fall, and rise in proportion, in percent; 100 for the widest range. */
  readonly rangePercent: number;
  /** Number of slots for which the pool refuses swaps. */
  readonly opensInSlots: number;
}

/** Launches new tokens with a pool, and moves pools, which are the events that snipers wait for. Only between slots. */
export class Launches {
  private readonly chain: Chain;
  private readonly listing: MarketListing;
  private readonly seed: string;

  constructor(parts: { chain: Chain; listing: MarketListing; seed: string }) {
    this.chain = parts.chain;
    this.listing = parts.listing;
    this.seed = parts.seed;
  }

  /** Makes a mint and its first pool. @throws {Problem} The symbol is taken, or the other token is no mint. */
  async launch(order: LaunchOrder): Promise<{ mint: string; pool: string; slot: number }> {
    const { symbol, name, decimals, quoteMint, baseAmount, quoteAmount } = order;
    if (this.listing.tokens.some((token) => token.symbol === symbol)) {
      throw refusal(`There is a token ${symbol}.`, 'Choose another symbol.');
    }
    const quoteDecimals = this.decimalsOf(quoteMint);
    const { address: mint } = createSeededKeypair(this.seed, `token ${symbol}`);
    const supply = baseAmount * 10n; // A tenth of the supply is in the pool.
    const created = await this.newPool(
      order,
      { mint, decimals, amount: baseAmount },
      { mint: quoteMint, decimals: quoteDecimals, amount: quoteAmount },
    );
    this.write([createMint({ address: mint, decimals, supply }), ...created.accounts]);
    this.listing.addPool(created.pool);
    this.listing.addToken({
      mint,
      symbol,
      name,
      decimals,
      priceUsdMicros: this.priceOf(order, quoteDecimals),
    });
    return { mint, pool: created.pool.address, slot: this.chain.slot };
  }

  /**
   * Moves all liquidity of a pool into a new one of the other kind; the old one is closed for swaps.
   *
   * @throws {Problem} There is no such pool, it is empty or of a kind that stays, or the new one exists.
   */
  async migrate(address: string, opensInSlots: number): Promise<{ pool: string; slot: number }> {
    const old = this.listing.pools.find((pool) => pool.address === address);
    const view = old && viewPool(old, (at) => this.chain.accounts.read(at)?.data ?? null);
    if (old === undefined || !view) throw refusal(`${address} is no pool with liquidity.`, LIST_HINT);
    const kind = launchable(old.kind, `A pool of ${old.kind} stays where it is.`);
    const [reserve0, reserve1] = kind.movable(this.state(address).data, view);
    if (reserve0 === 0n || reserve1 === 0n)
      throw refusal(`${address} holds only one of its tokens.`, LIST_HINT);
    const side = (mint: string, amount: bigint): PoolSide => ({
      mint,
      decimals: this.decimalsOf(mint),
      amount,
    });
    const created = await this.newPool(
      { kind: kind.movesTo, rangePercent: 100, opensInSlots },
      side(old.mint0, reserve0),
      side(old.mint1, reserve1),
    );
    this.write([...this.closed(old, kind, [reserve0, reserve1]), ...created.accounts]);
    this.listing.addPool(created.pool);
    return { pool: created.pool.address, slot: this.chain.slot };
  }

  private async newPool(
    { kind, rangePercent, opensInSlots }: Pick<LaunchOrder, 'kind' | 'rangePercent' | 'opensInSlots'>,
    base: PoolSide,
    quote: PoolSide,
  ): Promise<NewPool> {
    const { slot, timeMs } = this.chain.history.tip;
    const timeSeconds = Math.ceil((timeMs + opensInSlots * this.chain.slotMs) / 1000);
    const opens = opensInSlots === 0 ? null : { slot: slot + opensInSlots, timeSeconds };
    const created = await launchable(kind, `No pool of ${kind} is launched here.`).open(
      { base, quote },
      { rangePercent, opens },
    );
    if (this.chain.accounts.read(created.pool.address) === null) return created;
    throw refusal(`The pool ${created.pool.address} of this pair exists.`, LIST_HINT);
  }

  /** The old pool's accounts after its liquidity has moved: owed fees stay in its vaults. */
  private closed(
    pool: PlacedPool,
    { closedFlag: { offset, bits } }: LaunchableKind,
    reserves: readonly [bigint, bigint],
  ): GenesisAccount[] {
    const state = this.state(pool.address);
    const data = Uint8Array.from(state.data);
    data[offset] = data[offset]! | bits;
    const [vault0, vault1] = kindOf(pool).vaults(pool);
    return [
      { address: pool.address, ...state, data },
      this.withLess(vault0, reserves[0]),
      this.withLess(vault1, reserves[1]),
    ];
  }

  private withLess(address: string, amount: bigint): GenesisAccount {
    const state = this.state(address);
    const data = Uint8Array.from(state.data);
    const view = new DataView(data.buffer);
    const held = view.getBigUint64(TOKEN_AMOUNT_OFFSET, true);
    const left = held > amount ? held - amount : 0n;
    view.setBigUint64(TOKEN_AMOUNT_OFFSET, left, true);
    const isNative = view.getUint32(109, true) === 1; // Wrapped SOL is held in lamports as well.
    return { address, ...state, lamports: isNative ? state.lamports - (held - left) : state.lamports, data };
  }

  private write(accounts: readonly GenesisAccount[]): void {
    this.chain.setAccounts(new Map(accounts.map(({ address, ...state }) => [address, state])));
  }

  private state(address: string): AccountState {
    return this.chain.accounts.read(address) ?? NO_ACCOUNT;
  }

  private decimalsOf(mint: string): number {
    const found = readMint(this.state(mint));
    if (found === null) throw refusal(`${mint} is not a mint.`, LIST_HINT);
    return found.decimals;
  }

  /** Price by the pool's first rate, 1e-6 USD per whole token; one dollar if the other token's price is unknown. */
  private priceOf(
    { quoteMint, baseAmount, quoteAmount, decimals }: LaunchOrder,
    quoteDecimals: number,
  ): bigint {
    const quote = this.listing.tokens.find(({ mint }) => mint === quoteMint);
    const worth = (quote?.priceUsdMicros ?? MICROS) * quoteAmount * 10n ** BigInt(decimals);
    const price = worth / (baseAmount * 10n ** BigInt(quoteDecimals));
    return price > 0n ? price : 1n;
  }
}

/** @throws {Problem} Pools of that kind are neither launched nor moved. */
function launchable(kind: KindName, refused: string): LaunchableKind {
  const { launch } = kindOf({ kind });
  if (launch === undefined) throw refusal(refused, LIST_HINT);
  return launch;
}

const LIST_HINT = 'GET /admin/market lists tokens and pools.';

function refusal(detail: string, hint: string): Problem {
  return new Problem({ status: 409, code: 'cannot_launch', title: 'Cannot launch', detail, hint });
}
