import { type Chance, seededChance } from './seeded-chance.ts';
import { type SeededPool, type SeededToken, seededPool } from './seeded-pool.ts';

/** How a market's pools connect its tokens. */
export const SHAPES = ['usual', 'thin', 'chain', 'hubless', 'ending', 'parallel', 'few'] as const;
export type Shape = (typeof SHAPES)[number];

export interface SeededMarket {
  readonly seed: string;
  readonly tokens: readonly SeededToken[];
  readonly pools: readonly SeededPool[];
  readonly tokenIn: number;
  readonly tokenOut: number;
  readonly amountIn: string;
  readonly now: number;
}

/**
 * A market of its own for every seed and shape:
 *
 * - `usual`: hubs (SOL, USDC, USDT) with most pools, as in the markets with proven bounds.
 * - `thin`: the trade is a large part of what the pools hold.
 * - `chain`: the tokens stand in a row; input and output are three or four pools apart, with a few shortcuts.
 * - `hubless`: pools connect any two tokens.
 * - `ending`: concentrated liquidity reaches little further than the trade.
 * - `parallel`: few pairs with many pools of nearly equal depth each.
 * - `few`: four to fourteen pools.
 */
export function seededMarket(number: number, shape: Shape): SeededMarket {
  const seed = `${shape}-${number}`;
  const chance = seededChance(seed);
  const tokens = tokensOf(tokenCountOf(shape, chance), chance);
  const pairs = pairsOf(shape, tokens.length, chance);
  const depth = chance.magnitude(2e4, 4e6);
  const held = new Float64Array(tokens.length);
  const pools = pairs.map(([a, b], id) => {
    const hubs = shape === 'hubless' || shape === 'chain' ? 0 : Number(a < 3) + Number(b < 3);
    const tvl =
      shape === 'parallel'
        ? depth * chance.between(0.8, 1.25)
        : depth * chance.magnitude(0.03, 3) * 4 ** hubs;
    held[a]! += tvl / 2;
    held[b]! += tvl / 2;
    const plan = {
      tokens: [tokens[a]!, tokens[b]!] as const,
      tvl,
      reach: reachOf(shape, chance),
      isEnding: shape === 'ending',
    };
    return seededPool(id, plan, chance);
  });
  const [tokenIn, tokenOut] = endsOf(shape, tokens.length, chance);
  const { usd, dec } = tokens[tokenIn]!;
  const worth = Math.min(held[tokenIn]!, held[tokenOut]!) * chance.magnitude(...sizesOf(shape));
  const amountIn = String(BigInt(Math.max(1_000_000, Math.round((worth / usd) * 10 ** dec))));
  return { seed, tokens, pools, tokenIn, tokenOut, amountIn, now: 1_700_000_000 };
}

const tokenCountOf = (shape: Shape, chance: Chance): number =>
  shape === 'parallel' ? chance.whole(2, 5) : shape === 'chain' ? chance.whole(4, 7) : chance.whole(3, 12);

/** The trade's worth as a part of what all pools of its input, or of its output, hold. */
const sizesOf = (shape: Shape): [number, number] =>
  shape === 'thin' ? [0.05, 0.6] : shape === 'ending' ? [0.01, 0.3] : [2e-5, 0.2];

const reachOf = (shape: Shape, chance: Chance): number =>
  shape === 'ending' ? chance.magnitude(0.02, 0.5) : 1;

function tokensOf(count: number, chance: Chance): SeededToken[] {
  const hubs = [
    { id: 0, dec: 9, usd: 150 },
    { id: 1, dec: 6, usd: 1 },
    { id: 2, dec: 6, usd: 1 },
  ];
  const others = Array.from({ length: Math.max(0, count - 3) }, (_, index) => ({
    id: index + 3,
    dec: chance.pick([5, 6, 6, 8, 9]),
    usd: chance.magnitude(1e-4, 80),
  }));
  return [...hubs, ...others].slice(0, count);
}

/** Every token is connected to the ones before it; further pools join any two tokens of the shape. */
function pairsOf(shape: Shape, tokenCount: number, chance: Chance): [number, number][] {
  const pairs: [number, number][] = [];
  const add = (a: number, b: number) => pairs.push(chance.next() < 0.5 ? [a, b] : [b, a]);
  const earlier = (token: number) =>
    shape === 'chain'
      ? token - 1
      : shape === 'hubless'
        ? chance.whole(0, token - 1)
        : hubBefore(token, chance);
  for (let token = 1; token < tokenCount; token += 1) add(earlier(token), token);
  const most = shape === 'few' ? 14 : 60;
  const wanted = chance.whole(Math.max(4, pairs.length + 1), Math.max(most, pairs.length + 1));
  while (pairs.length < wanted) {
    const isShortcut = shape === 'chain' && chance.next() < 0.15;
    const token = chance.whole(1, tokenCount - 1);
    if (shape === 'hubless' || isShortcut) add(chance.whole(0, token - 1), token);
    else add(earlier(token), token);
  }
  return pairs;
}

const hubBefore = (token: number, chance: Chance): number =>
  chance.next() < 0.55 ? 0 : Math.min(token - 1, chance.whole(0, 2));

function endsOf(shape: Shape, tokenCount: number, chance: Chance): [number, number] {
  if (shape === 'chain')
    return chance.pick([
      [0, tokenCount - 1],
      [tokenCount - 1, 0],
      [0, Math.min(3, tokenCount - 1)],
    ] as [number, number][]);
  const first = chance.whole(0, tokenCount - 1);
  const second = chance.whole(0, tokenCount - 2);
  return [first, second >= first ? second + 1 : second];
}
