import { areConnected } from '../../domain/are-connected.ts';
import { MAX_PATH_HOPS } from '../../domain/route-finder.ts';
import { readMarket, type WithMarket } from './market-watch.ts';
import { isTooOld, type Pair, type PairPrice, pairPrice } from './pair-price.ts';

/** `noPath`: no known pools lead from one token to the other; `unread`: some do, and cannot be read now. */
export type CurrentPrice =
  | { readonly outcome: 'priced'; readonly pair: Pair; readonly price: PairPrice }
  | { readonly outcome: 'noPath' | 'unread'; readonly pair: Pair };

/** The prices of pairs, from a reading that is as fresh as that of a quote. New pools are looked for where no path is known. */
export async function currentPrices(
  ports: WithMarket,
  pairs: readonly Pair[],
): Promise<readonly CurrentPrice[]> {
  const { market } = ports;
  if (pathless(ports, pairs).size > 0) await market.discover();
  const unknown = pathless(ports, pairs);
  const isRead = await readMarket(ports, market);
  return pairs.map((pair): CurrentPrice => {
    if (unknown.has(pair)) return { outcome: 'noPath', pair };
    const price = isRead && market.routes.connects(mintsOf(pair)) ? pairPrice(ports, pair) : null;
    return price && !isTooOld(ports, price)
      ? { outcome: 'priced', pair, price }
      : { outcome: 'unread', pair };
  });
}

/** The pairs whose tokens no known pools connect that the engine routes over. */
function pathless({ venues }: WithMarket, pairs: readonly Pair[]): ReadonlySet<Pair> {
  const pools = venues.flatMap((venue) => (venue.market ? venue.pools() : []));
  const mints = pools.map(({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint] as const);
  return new Set(
    pairs.filter((pair) => {
      const { mintIn: from, mintOut: to } = mintsOf(pair);
      return !areConnected(mints, { from, to, maxHops: MAX_PATH_HOPS });
    }),
  );
}

const mintsOf = ({ tokenIn, tokenOut }: Pair) => ({ mintIn: tokenIn.mint, mintOut: tokenOut.mint });
