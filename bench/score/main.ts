import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { lowerBoundOfInput } from '../../packages/amm/test/markets/bounds.ts';
import { mergeMarkets } from '../../packages/amm/test/markets/merge-markets.ts';
import { PEERS, pathsOf, toPeerMarket } from '../../packages/amm/test/markets/peers.ts';
import { readMarkets, type ScoreMarket } from '../../packages/amm/test/markets/read-markets.ts';
import { measureCompilation, measureRoutes } from './measure.ts';
import { type FileOptions, InvalidOption, readOptions, USAGE } from './options.ts';
import { scoreSeeds } from './score-seeds.ts';
import { gapBps, printHeader, printRow } from './table.ts';

/**
 * Scores the router on the markets of a file, which have proven bounds, or on seeded ones; `USAGE` has the options.
 * `--merge` joins markets until they have N pools, and skips the peers, which would take minutes there. It prints how
 * many basis points the plans are below the bound, or below the best known plan, and the time per route. It exits 1 if a
 * plan is better than its bound, which would prove an error, has too many legs, or is missing where a plan is known. It
 * exits 2 for invalid options.
 */
function main(): number {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  const { source, maxLegs, isExactOut } = options;
  const { markets, problems } =
    'seeds' in source ? scoreSeeds(source, maxLegs, isExactOut) : scoreFile(source, maxLegs, isExactOut);
  for (const problem of problems) console.log(problem);
  console.log(`${markets} markets, ${problems.length} problems`);
  return problems.length > 0 ? 1 : 0;
}

function scoreFile({ path, poolCount }: FileOptions, maxLegs: number | undefined, isExactOut: boolean) {
  const bytes = readFileSync(resolve(process.env.INIT_CWD ?? process.cwd(), path));
  const read = readMarkets((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  const markets = poolCount === undefined ? read : mergeMarkets(read, poolCount);
  if (markets.length === 0) throw new Error('the file holds no markets');
  const problems = isExactOut
    ? scoreExactOut(markets, maxLegs)
    : scoreExactIn(markets, maxLegs, poolCount === undefined ? PEERS : {});
  return { markets: markets.length, problems };
}

function scoreExactIn(
  markets: readonly ScoreMarket[],
  maxLegs: number | undefined,
  peers: typeof PEERS,
): string[] {
  const measured = measureRoutes(markets, (router, { amountIn, tokenIn, tokenOut }) =>
    router.routeExactIn(amountIn, { tokenIn, tokenOut, limits: { maxLegs } }),
  );
  const outs = measured.map(({ outcome }) => (outcome.outcome === 'routed' ? outcome.plan.amountOut : 0n));
  const gaps = markets.flatMap(({ upperBound }, index) =>
    outs[index] ? [gapBps(outs[index], upperBound)] : [],
  );
  printHeader('bp below the bound');
  printRow(maxLegs === undefined ? 'this router' : `this router, ${maxLegs} legs`, gaps);
  for (const [name, gapsOfPeer, times] of peerRows(markets, peers)) {
    const found = gapsOfPeer.filter((gap) => gap < 1e4);
    const missing = gapsOfPeer.length - found.length;
    printRow(missing === 0 ? name : `${name} (${missing} none)`, found);
    peerTimes.set(name, times);
  }
  if (maxLegs !== undefined) printBestKnown(markets, outs, maxLegs);
  printHeader('milliseconds');
  printRow(
    'this router',
    measured.map(({ ms }) => ms),
  );
  for (const [name, times] of peerTimes) printRow(name, times);
  printRow('curves of 30 pools', measureCompilation(markets));

  return measured.flatMap(({ market, outcome }, index) => {
    if (outcome.outcome === 'noRoute') return isRoutable(market, maxLegs) ? [`${market.seed}: no plan`] : [];
    const found: string[] = [];
    if (Number(outs[index]) > market.upperBound)
      found.push(`${market.seed}: ${outs[index]} is above the bound`);
    if (outcome.plan.legs.length > (maxLegs ?? Number.POSITIVE_INFINITY))
      found.push(`${market.seed}: too many legs`);
    return found;
  });
}

const peerTimes = new Map<string, number[]>();

function* peerRows(
  markets: readonly ScoreMarket[],
  peers: typeof PEERS,
): Generator<[string, number[], number[]]> {
  const peerMarkets = Object.keys(peers).length === 0 ? [] : markets.map((market) => toPeerMarket(market));
  for (const [name, peer] of Object.entries(peers)) {
    const times = peerMarkets.map(() => Number.POSITIVE_INFINITY);
    const gaps: number[] = [];
    for (let repetition = 0; repetition < 4; repetition += 1) {
      for (const [index, market] of peerMarkets.entries()) {
        const start = performance.now();
        const out = peer(market);
        times[index] = Math.min(times[index]!, performance.now() - start);
        gaps[index] = gapBps(out, market.market.upperBound);
      }
    }
    yield [name, gaps, times];
  }
}

function scoreExactOut(markets: readonly ScoreMarket[], maxLegs: number | undefined): string[] {
  const measured = measureRoutes(markets, (router, { bestKnownOut, tokenIn, tokenOut }) =>
    router.routeExactOut(bestKnownOut, { tokenIn, tokenOut, limits: { maxLegs } }),
  );
  const found: string[] = [];
  const gaps = measured.flatMap(({ market, outcome }) => {
    if (outcome.outcome === 'noRoute') {
      if (isRoutable(market, maxLegs)) found.push(`${market.seed}: no plan`);
      return [];
    }
    const { amountIn, amountOut, legs } = outcome.plan;
    const bound = lowerBoundOfInput(toPeerMarket(market, true), Number(market.bestKnownOut));
    if (amountOut < market.bestKnownOut)
      found.push(`${market.seed}: gives ${amountOut}, less than was asked for`);
    if (Number(amountIn) < bound * (1 - 1e-9) - 1)
      found.push(`${market.seed}: ${amountIn} is below the bound ${bound}`);
    if (legs.length > (maxLegs ?? Number.POSITIVE_INFINITY)) found.push(`${market.seed}: too many legs`);
    return [(Number(amountIn) / bound - 1) * 1e4];
  });
  printHeader('bp above the least input');
  printRow('this router, exact out', gaps);
  printHeader('milliseconds');
  printRow(
    'this router, exact out',
    measured.map(({ ms }) => ms),
  );
  return found;
}

function printBestKnown(markets: readonly ScoreMarket[], outs: readonly bigint[], maxLegs: number): void {
  const gaps = markets.flatMap(({ bestKnownOutByMaxLegs }, index) => {
    const best = bestKnownOutByMaxLegs.get(maxLegs);
    return best && outs[index] ? [gapBps(outs[index], Number(best))] : [];
  });
  if (gaps.length === 0) return;
  printHeader(`bp below the best known with ${maxLegs} legs`);
  printRow(`this router, ${maxLegs} legs`, gaps);
}

/** Whether a path has at most `maxLegs` legs. */
function isRoutable(market: ScoreMarket, maxLegs: number | undefined): boolean {
  return pathsOf(toPeerMarket(market), Math.min(maxLegs ?? 4, 4)).length > 0;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof InvalidOption)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
