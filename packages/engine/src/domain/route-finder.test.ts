import { type RaydiumCpmmPool, swapExactIn, swapExactOut } from '@oee/amm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitLegs } from './leg-limits.ts';
import { momentOf } from './moment.ts';
import type { MarketState, PoolState } from './pool-state.ts';
import type { Route, WholeQuoteRequest } from './quote.ts';
import { RouteFinder } from './route-finder.ts';
import { SOL_MINT, toMint } from './token.ts';

const CLOCK = { slot: 1n, unixTimestamp: 1n };
const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 'tokens' });
const UNIT = 1_000_000n;

interface Shape {
  readonly pair: readonly [string, string];
  readonly reserves: readonly [bigint, bigint];
  readonly feeRate?: bigint;
  readonly opensAt?: bigint;
}

function poolOf({ pair, reserves, feeRate = 2_500n, opensAt = 0n }: Shape, index: number): PoolState {
  const pool: RaydiumCpmmPool = {
    kind: 'raydium-cpmm',
    reserves,
    tradeFeeRate: feeRate,
    protocolFeeRate: 0n,
    fundFeeRate: 0n,
    creatorFeeRate: 0n,
    creatorFeeOn: 'input',
    window: { isEnabled: true, opensAt, pointKind: 'slot' },
  };
  const address = `pool${index}`;
  return {
    ...{ venue: 'v', address, kind: 'raydium-cpmm', pool, transferFees: [null, null] },
    tokens: [token(pair[0]), token(pair[1])],
    vaults: [`${address}/0`, `${address}/1`],
    cost: { accounts: 5, bytes: 100, computeUnits: 50_000 },
  };
}

const market = (shapes: readonly Shape[], clock = CLOCK): MarketState => ({
  slot: clock.slot,
  clock,
  pools: shapes.map(poolOf),
});

function finderOver(shapes: readonly Shape[]): RouteFinder {
  const finder = new RouteFinder();
  finder.update([market(shapes)]);
  return finder;
}

const ask = (
  from: string,
  to: string,
  swapMode: WholeQuoteRequest['swapMode'],
  amount: bigint,
): WholeQuoteRequest => ({
  tokenIn: token(from),
  tokenOut: token(to),
  swapMode,
  amount,
});
const SEARCH = { limits: { maxLegs: 5 }, hopTolerance: () => 10, lamportsPerLeg: 0n };
const pairsOf = ({ legs }: Route) => legs.map((leg) => `${leg.tokenIn.mint}-${leg.tokenOut.mint}`);

const TRIANGLE: Shape[] = [
  { pair: ['A', 'B'], reserves: [10_000n * UNIT, 10_000n * UNIT] },
  { pair: ['A', 'B'], reserves: [9_000n * UNIT, 9_000n * UNIT] },
  { pair: ['A', 'M'], reserves: [50_000n * UNIT, 50_000n * UNIT] },
  { pair: ['M', 'B'], reserves: [50_000n * UNIT, 50_000n * UNIT] },
];

describe('a search covers', () => {
  test('no route where none can be better than one pool', () => {
    const finder = finderOver(TRIANGLE);
    expect(finder.find(ask('A', 'B', 'exactIn', UNIT / 100n), SEARCH)).toEqual([]);
    expect(finder.find(ask('A', 'nowhere', 'exactIn', UNIT), SEARCH)).toEqual([]);
  });

  test("the pair's own pools where routes over other tokens lose more than they can gain", () => {
    const [split, ...others] = finderOver(TRIANGLE).find(ask('A', 'B', 'exactIn', 8n * UNIT), SEARCH);
    expect(pairsOf(split!)).toEqual(['A-B', 'A-B']);
    expect(others).toEqual([]);
  });

  test('all routes for a large order, and the split', () => {
    const [best, split] = finderOver(TRIANGLE).find(ask('A', 'B', 'exactIn', 5_000n * UNIT), SEARCH);
    expect(new Set(pairsOf(best!))).toEqual(new Set(['A-B', 'A-M', 'M-B']));
    expect(pairsOf(split!)).toEqual(['A-B', 'A-B']);
    expect(best!.amountOut).toBeGreaterThan(split!.amountOut);
  });

  test('no more legs than allowed, and none that earns less than it costs', () => {
    const finder = finderOver([
      ...TRIANGLE,
      { pair: [SOL_MINT, 'B'], reserves: [10_000n * UNIT, 10_000n * UNIT] },
    ]);
    const request = ask('A', 'B', 'exactIn', 5_000n * UNIT);
    const few = { ...SEARCH, limits: { maxLegs: 2 } };
    for (const route of finder.find(request, few)) expect(route.legs.length).toBeLessThanOrEqual(2);
    const small = { ...SEARCH, limits: { maxLegs: 5, maxBytes: 250 } };
    for (const route of finder.find(request, small)) expect(route.legs.length).toBeLessThanOrEqual(2);
    expect(finder.find(request, { ...SEARCH, lamportsPerLeg: 3_000n * UNIT })).toEqual([]);
  });
});

describe('the extent of a search is', () => {
  const R = 1_000_000_000n * UNIT;
  const deep = (pair: Shape['pair'], reserves: Shape['reserves'] = [R, R]): Shape => ({ pair, reserves });
  const aside = [deep(['A', 'M']), deep(['M', 'B'])];

  /** How many searches it takes. Each asks for its limits once, and the price of a leg does before the first. */
  function searches(shapes: readonly Shape[], request: WholeQuoteRequest): number {
    let asked = 0;
    const search = {
      ...SEARCH,
      get limits() {
        asked += 1;
        return { maxLegs: 5 };
      },
    };
    finderOver(shapes).find(request, search);
    return Math.max(0, asked - 1);
  }
  /** A part of what the pools hold, in hundredths of a basis point: so much is lost to the order's size. */
  const sized = (share: bigint, swapMode: WholeQuoteRequest['swapMode'] = 'exactIn') =>
    ask('A', 'B', swapMode, (R * share) / 1_000_000n);

  test.each(['exactIn', 'exactOut'] as const)('empty for too small a gain, %s', (swapMode) => {
    const two = [deep(['A', 'B']), deep(['A', 'B'])];
    expect(searches([...two, ...aside], sized(9n, swapMode))).toBe(0);
    expect(searches([...two, ...aside], sized(12n, swapMode))).toBe(1);
  });

  test.each(['exactIn', 'exactOut'] as const)('set by the gain over the best pool, %s', (swapMode) => {
    const [large, small] = [deep(['A', 'B'], [10n * R, 10n * R]), deep(['A', 'B'])];
    for (const shapes of [
      [large, small],
      [small, large],
      [small, large, small],
    ])
      expect(searches([...shapes, ...aside], sized(60n, swapMode))).toBe(0);
    expect(searches([large, small, ...aside], sized(120n, swapMode))).toBe(1);
  });

  test("the pair's pools alone up to two basis points, and never a single pool", () => {
    const [one, other] = [deep(['A', 'B']), deep(['B', 'A'])];
    expect(searches([one, other, ...aside], sized(190n))).toBe(1);
    expect(searches([one, ...aside], sized(190n))).toBe(0);
    expect(searches([one, ...aside, deep(['A', 'N']), deep(['N', 'B'])], sized(190n))).toBe(0);
  });

  test("all pools above that, and the pair's pools too if that is another search", () => {
    const [one, other] = [deep(['A', 'B']), deep(['B', 'A'])];
    expect(searches([one, ...aside], sized(250n))).toBe(1);
    expect(searches([one, other], sized(250n))).toBe(1);
    expect(searches([one, other, ...aside], sized(50_000n))).toBe(2);
  });

  test('all pools if no single pool can fill the order', () => {
    const dry = { ...deep(['A', 'B'], [1_000n, 1_000n]), feeRate: 100n };
    expect(searches([dry, ...aside], ask('A', 'B', 'exactOut', UNIT))).toBe(1);
  });
});

describe('an exact output', () => {
  test("is searched by its output amount, however different the tokens' prices are", () => {
    const shapes: Shape[] = [1, 2].map(() => ({
      pair: ['A', 'B'],
      reserves: [10_000_000n * UNIT, 1_000n * UNIT],
    }));
    const [route] = finderOver(shapes).find(ask('A', 'B', 'exactOut', 200n * UNIT), SEARCH);
    expect(pairsOf(route!)).toEqual(['A-B', 'A-B']);
    expect(route!.amountOut).toBe(200n * UNIT);
  });
});

describe('the cost of a leg', () => {
  /** Splitting a tenth of it gains some 240 units of `to` in every ten thousand. */
  const pair = (from: string, to: string): Shape[] =>
    [1, 2].map(() => ({ pair: [from, to], reserves: [10_000n * UNIT, 10_000n * UNIT] }));
  const legsOf = (shapes: readonly Shape[], request: WholeQuoteRequest, lamportsPerLeg: bigint): number =>
    finderOver(shapes).find(request, { ...SEARCH, lamportsPerLeg })[0]?.legs.length ?? 0;

  test('is paid in SOL, and counted in the token that is bought', () => {
    const request = ask('A', SOL_MINT, 'exactIn', 1_000n * UNIT);
    expect(legsOf(pair('A', SOL_MINT), request, 10n * UNIT)).toBe(2);
    expect(legsOf(pair('A', SOL_MINT), request, 90n * UNIT)).toBe(0);
    // A SOL is worth a tenth of a B here, and ten of them there.
    const other = ask('A', 'B', 'exactIn', 1_000n * UNIT);
    const cheap: Shape = { pair: [SOL_MINT, 'B'], reserves: [100_000n * UNIT, 10_000n * UNIT] };
    const dear: Shape = { pair: [SOL_MINT, 'B'], reserves: [1_000n * UNIT, 10_000n * UNIT] };
    expect(legsOf([...pair('A', 'B'), cheap], other, 90n * UNIT)).toBe(2);
    expect(legsOf([...pair('A', 'B'), dear], other, 10n * UNIT)).toBe(0);
  });

  test('is zero where the price of SOL is unknown', () => {
    expect(legsOf(pair('A', 'B'), ask('A', 'B', 'exactIn', 1_000n * UNIT), 1_000_000n * UNIT)).toBe(2);
  });
});

describe('between two searches', () => {
  test('the finder drops a pool that its venue no longer shows', () => {
    const finder = finderOver(TRIANGLE);
    finder.update([market(TRIANGLE.slice(0, 1))]);
    expect(finder.find(ask('A', 'B', 'exactIn', 5_000n * UNIT), SEARCH)).toEqual([]);
  });

  test('the finder uses a pool from its opening slot on, though its accounts do not change', () => {
    const finder = new RouteFinder();
    const shapes = TRIANGLE.map((shape, index) => (index === 1 ? { ...shape, opensAt: 5n } : shape));
    const { pools } = market(shapes.slice(0, 2));
    const at = (slot: bigint) => ({ slot, clock: { ...CLOCK, slot }, pools });
    finder.update([at(4n)]);
    expect(finder.find(ask('A', 'B', 'exactIn', 100n * UNIT), SEARCH)).toEqual([]);
    finder.update([at(5n)]);
    expect(finder.find(ask('A', 'B', 'exactIn', 100n * UNIT), SEARCH)).toHaveLength(1);
  });

  test.each([
    ['timestamp', { slot: 9n, unixTimestamp: 4n }, { slot: 9n, unixTimestamp: 5n }],
    ['slot', { slot: 4n, unixTimestamp: 9n }, { slot: 5n, unixTimestamp: 9n }],
  ] as const)('the finder uses a pool that opens by its %s from then on', (pointKind, closed, open) => {
    const [one, other] = market(TRIANGLE.slice(0, 2)).pools;
    const window = { isEnabled: true, opensAt: 5n, pointKind };
    const pools = [one!, { ...other!, pool: { ...other!.pool, window } as PoolState['pool'] }];
    const finder = new RouteFinder();
    finder.update([{ slot: 1n, clock: closed, pools }]);
    expect(finder.find(ask('A', 'B', 'exactIn', 100n * UNIT), SEARCH)).toEqual([]);
    finder.update([{ slot: 1n, clock: open, pools }]);
    expect(finder.find(ask('A', 'B', 'exactIn', 100n * UNIT), SEARCH)).toHaveLength(1);
  });

  test('the finder takes the new price of changed accounts, at the same clock too', () => {
    const finder = finderOver(TRIANGLE.slice(0, 1));
    const spot = ask('A', 'B', 'exactIn', UNIT);
    expect(finder.spotAmount(spot)).toBe(997_500n);
    finder.update([market([{ ...TRIANGLE[0]!, reserves: [10_000n * UNIT, 20_000n * UNIT] }])]);
    expect(finder.spotAmount(spot)).toBe(1_995_000n);
    finder.update([]);
    expect(finder.spotAmount(spot)).toBe(1_995_000n);
  });

  test("the finder splits over the pair's pools as they are now, in both directions", () => {
    const now: Shape[] = TRIANGLE.slice(0, 2).map((shape, index) => ({
      ...shape,
      reserves: [shape.reserves[0] * BigInt(index + 2), shape.reserves[1] * BigInt(index + 2)],
    }));
    const finder = finderOver(TRIANGLE.slice(0, 2));
    for (const request of [ask('A', 'B', 'exactIn', 8n * UNIT), ask('B', 'A', 'exactIn', 100n * UNIT)]) {
      const before = finder.find(request, SEARCH);
      expect(finder.find(request, SEARCH)).toEqual(before);
      finder.update([market(now)]);
      expect(finder.find(request, SEARCH)).toEqual(finderOver(now).find(request, SEARCH));
      expect(finder.find(request, SEARCH)).not.toEqual(before);
      finder.update([market(TRIANGLE.slice(0, 2))]);
      expect(finder.find(request, SEARCH)).toEqual(before);
    }
  });

  test('the finder has no route before the first market', () => {
    const finder = new RouteFinder();
    finder.update([]);
    expect(finder.oldest).toEqual({ slot: 0n });
    expect(finder.spotAmount(ask('A', 'B', 'exactIn', UNIT))).toBeNull();
  });

  test('the finder gives a route the age of its oldest market', () => {
    const finder = new RouteFinder();
    finder.update([
      { ...market(TRIANGLE), slot: 9n },
      { ...market([]), slot: 7n, readAt: momentOf(3) },
    ]);
    expect(finder.oldest).toMatchObject({ slot: 7n, readAt: momentOf(3) });
    finder.update([
      { ...market(TRIANGLE), slot: 7n, readAt: momentOf(1) },
      { ...market([]), slot: 9n },
      { ...market([]), slot: 7n, readAt: momentOf(2) },
    ]);
    expect(finder.oldest).toMatchObject({ slot: 7n, readAt: momentOf(1) });
  });
});

const reserve = fc.bigInt(1_000n * UNIT, 1_000_000n * UNIT);
const shape = fc.record({
  pair: fc.constantFrom<readonly [string, string]>(
    ['A', 'B'],
    ['A', 'M'],
    ['M', 'B'],
    ['B', 'N'],
    ['A', 'N'],
    ['M', 'N'],
  ),
  reserves: fc.tuple(reserve, reserve),
  feeRate: fc.constantFrom(100n, 2_500n, 10_000n),
});

/** Runs the route as the chain does with each leg's own limits, on pools that stand still. Null where a leg fails. */
function execute(route: Route, mode: WholeQuoteRequest['swapMode'], limit: bigint, shapes: readonly Shape[]) {
  const held = new Map<string, bigint>();
  const move = (mint: string, amount: bigint) => held.set(mint, (held.get(mint) ?? 0n) + amount);
  for (const { leg, amountIn, amountOut } of limitLegs(route, mode, limit)) {
    const state = shapes.map(poolOf).find(({ address }) => address === leg.pool)!;
    const inputIndex = state.tokens[0].mint === leg.tokenIn.mint ? 0 : 1;
    const common = { inputIndex, clock: CLOCK } as const;
    const swap =
      mode === 'exactIn'
        ? swapExactIn(state.pool, { ...common, amountIn })
        : swapExactOut(state.pool, { ...common, amountOut });
    if (swap.amountOut < amountOut || swap.amountIn > amountIn) return null;
    move(leg.tokenIn.mint, -swap.amountIn);
    move(leg.tokenOut.mint, swap.amountOut);
    if (leg.tokenIn.mint !== 'A' && held.get(leg.tokenIn.mint)! < 0n) return null;
  }
  return held;
}

describe('every route executes as planned', () => {
  test.each(['exactIn', 'exactOut'] as const)('%s, at zero slippage, with its dust on top', (swapMode) => {
    fc.assert(
      fc.property(
        fc.array(shape, { minLength: 3, maxLength: 9 }),
        fc.bigInt(UNIT, 2_000n * UNIT),
        fc.integer({ min: 0, max: 50 }),
        (shapes, amount, toleranceBps) => {
          const request = ask('A', 'B', swapMode, amount);
          for (const route of finderOver(shapes).find(request, {
            ...SEARCH,
            hopTolerance: () => toleranceBps,
          })) {
            const limit = swapMode === 'exactIn' ? route.amountOut : route.amountIn;
            const held = execute(route, swapMode, limit, shapes);
            expect(held).not.toBeNull();
            expect(-held!.get('A')!).toBe(route.amountIn);
            expect(held!.get('B')).toBe(route.amountOut);
            for (const mint of ['M', 'N']) expect(held!.get(mint) ?? 0n).toBeGreaterThanOrEqual(0n);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
