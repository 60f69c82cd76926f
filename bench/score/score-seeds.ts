import { type BestPlan, bestPlan } from '../../packages/amm/test/markets/best-plans.ts';
import { toPeerMarket } from '../../packages/amm/test/markets/peers.ts';
import { type ScoreMarket, toScoreMarket } from '../../packages/amm/test/markets/read-markets.ts';
import { SHAPES, seededMarket } from '../../packages/amm/test/markets/seeded-market.ts';
import { type Measured, measureRoutes } from './measure.ts';
import type { SeedOptions } from './options.ts';
import { gapBps, printHeader, printRow } from './table.ts';

interface Task {
  readonly market: ScoreMarket;
  readonly reference: BestPlan;
}

interface Compared extends Task {
  /** Basis points that the router's plan is worse than the best known one. */
  readonly gap: number;
}

interface SeedScore {
  readonly markets: number;
  readonly problems: readonly string[];
}

/** A reference this close to its bound, in basis points, counts as proven. */
const PROVEN_BPS = 0.01;
/** Curves of the reference end 0.001 % before the last tick or bin, so an exact plan can be that much above the bound. */
const CURVE_END = 1e-5;
const SHOWN = 5;

/**
 * Scores the router on seeded markets, one of every shape for each seed, against the best plan that branch and bound finds
 * with as many legs. With `isExactOut` the router is asked for that plan's output, and its input is compared with the
 * plan's. It prints how many references are proven, how many markets have no known plan, how many were left out because
 * the time was up, and the plans that are furthest below their reference.
 *
 * @param maxLegs Undefined: as many legs as the market has pools.
 */
export function scoreSeeds(
  { seeds, maxNodes, maxSeconds }: SeedOptions,
  maxLegs: number | undefined,
  isExactOut: boolean,
): SeedScore {
  const markets = seeds.flatMap((seed) => SHAPES.map((shape) => toScoreMarket(seededMarket(seed, shape))));
  const tasks = solve(markets, { maxLegs, maxNodes, maxSeconds });
  const known = tasks.filter(({ reference }) => reference.out > 0n);
  const measured = measureRoutes(
    known.map(({ market }, index) => ({ ...market, bestKnownOut: known[index]!.reference.out })),
    (router, { amountIn, bestKnownOut, ...ends }) => {
      const constraints = { tokenIn: ends.tokenIn, tokenOut: ends.tokenOut, limits: { maxLegs } };
      return isExactOut
        ? router.routeExactOut(bestKnownOut, constraints)
        : router.routeExactIn(amountIn, constraints);
    },
  );
  const compared = known.flatMap((task, index) => {
    const { outcome } = measured[index]!;
    if (outcome.outcome === 'noRoute') return [];
    const { amountIn, amountOut } = outcome.plan;
    const gap = isExactOut
      ? (Number(amountIn) / Number(task.market.amountIn) - 1) * 1e4
      : gapBps(amountOut, Number(task.reference.out));
    return [{ ...task, gap }];
  });
  const legs = maxLegs === undefined ? 'any number of legs' : `${maxLegs} legs`;
  printHeader(isExactOut ? 'bp above the best known input' : 'bp below the best known');
  printRow(
    `this router, ${legs}`,
    compared.map(({ gap }) => gap),
  );
  printHeader('milliseconds');
  printRow(
    `this router, ${legs}`,
    measured.map(({ ms }) => ms),
  );
  printReferences(markets.length, tasks, known.length);
  printWorst(compared);
  return {
    markets: known.length,
    problems: known.flatMap((task, index) => problemsOf(task, measured[index]!, maxLegs, isExactOut)),
  };
}

/** References of the markets in turn; stops before the next market once the time is up. */
function solve(
  markets: readonly ScoreMarket[],
  limits: { readonly maxLegs: number | undefined; readonly maxNodes: number; readonly maxSeconds: number },
): Task[] {
  const deadline = performance.now() + limits.maxSeconds * 1_000;
  const tasks: Task[] = [];
  for (const market of markets) {
    if (performance.now() > deadline) break;
    const maxLegs = limits.maxLegs ?? market.pools.length;
    tasks.push({ market, reference: bestPlan(toPeerMarket(market), maxLegs, limits.maxNodes) });
  }
  return tasks;
}

/** Basis points from the best known plan to the bound. */
function openBps({ out, bound }: BestPlan): number {
  return (bound / Number(out) - 1) * 1e4;
}

function printReferences(wanted: number, tasks: readonly Task[], known: number): void {
  const proven = tasks.filter(({ reference }) => openBps(reference) <= PROVEN_BPS).length;
  const parts = [`${proven} of ${known} references are proven to ${PROVEN_BPS} bp`];
  if (tasks.length > known) parts.push(`${tasks.length - known} markets have no known plan`);
  if (wanted > tasks.length) parts.push(`${wanted - tasks.length} markets left out: time is up (--seconds)`);
  console.log(`\n${parts.join('; ')}`);
}

function printWorst(compared: readonly Compared[]): void {
  const worst = compared.filter(({ gap }) => gap > 1e-3).sort((a, b) => b.gap - a.gap);
  for (const { market, gap, reference } of worst.slice(0, SHOWN))
    console.log(
      `${market.seed}: ${gap.toPrecision(3)} bp worse; reference ${openBps(reference).toPrecision(3)} bp from its bound`,
    );
}

function problemsOf(
  { market, reference }: Task,
  { outcome }: Measured,
  maxLegs: number | undefined,
  isExactOut: boolean,
): string[] {
  if (outcome.outcome === 'noRoute') return [`${market.seed}: no plan (${outcome.reason})`];
  const { amountIn, amountOut, legs } = outcome.plan;
  const found: string[] = [];
  const most = Math.max(reference.bound, Number(reference.out)) * (1 + CURVE_END);
  if (amountIn <= market.amountIn && Number(amountOut) > most)
    found.push(`${market.seed}: ${amountOut} is above the bound`);
  if (isExactOut && amountOut < reference.out)
    found.push(`${market.seed}: gives ${amountOut}, less than was asked for`);
  if (legs.length > (maxLegs ?? Number.POSITIVE_INFINITY)) found.push(`${market.seed}: too many legs`);
  return found;
}
