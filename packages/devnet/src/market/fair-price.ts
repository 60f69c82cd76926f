import { seededBytes } from './seeded-hash.ts';
import { MARKET_TOKENS, type MarketToken } from './tokens.ts';

/** The fair price of each token; pools stray from it, and traders bring them back. */
export interface FairPrices {
  /** 1e-12 USD per whole token. */
  picosAt(mint: string, slot: bigint): bigint;
}

/**
 * The octaves of the path. Steps that grow with the root of their period look like a random walk. Yet the price of any
 * slot is computed directly, without earlier slots, and the sum is bounded: no price runs away, however long the chain
 * runs.
 */
const PERIODS_SLOTS = [4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536];
/** Parts per million at period 1 and volatility 1. */
const STEP_PPM = 90;

/** Lattice values lie between -1e6 and 1e6, so a move in ppm times a lattice value counts in 1e-12. */
const LATTICE_RANGE = 1_000_000;
const ONE = 10n ** 12n;

/** Share of the free volatility in a token's own moves, percent: a peg hardly moves. */
const OWN_MOVE_PERCENT: Record<MarketToken['follows'], number> = { itself: 100, SOL: 4, USD: 2 };

/** @param options.startSlot The slot at which every token is worth its start price. */
export function createFairPrices(options: {
  seed: string;
  volatility: number;
  startSlot: bigint;
}): FairPrices {
  const tokens = new Map(MARKET_TOKENS.map((token) => [token.mint, token]));
  const sol = MARKET_TOKENS.find(({ symbol }) => symbol === 'SOL')!;
  const lattice = createLattice(options.seed);

  const pathAt = (token: MarketToken, slot: number): number => {
    let path = 0;
    PERIODS_SLOTS.forEach((period, octave) => {
      const ppm = Math.floor(
        (STEP_PPM * options.volatility * Math.sqrt(period) * OWN_MOVE_PERCENT[token.follows]) / 100,
      );
      const at = Math.floor(slot / period);
      const past = slot % period;
      const name = `${token.symbol}/${octave}`;
      const value = lattice(name, at) * (period - past) + lattice(name, at + 1) * past;
      path += Math.trunc((value * ppm) / period);
    });
    return path;
  };
  const starts = new Map(
    MARKET_TOKENS.map((token) => [token.mint, pathAt(token, Number(options.startSlot))]),
  );
  const ownMove = (token: MarketToken, slot: number) => BigInt(pathAt(token, slot) - starts.get(token.mint)!);
  const compute = (mint: string, slot: bigint): bigint => {
    const token = tokens.get(mint);
    if (token === undefined) throw new Error(`the market has no token ${mint}`);
    if (token.symbol === 'USDC') return token.priceUsdPicos;
    const price = (token.priceUsdPicos * (ONE + ownMove(token, Number(slot)))) / ONE;
    if (token.follows !== 'SOL') return price;
    return (price * (ONE + ownMove(sol, Number(slot)))) / ONE;
  };
  // A market asks for the same few prices many times in a slot.
  let knownSlot = -1n;
  const known = new Map<string, bigint>();
  return {
    picosAt: (mint, slot) => {
      if (slot !== knownSlot) known.clear();
      knownSlot = slot;
      const picos = known.get(mint) ?? compute(mint, slot);
      known.set(mint, picos);
      return picos;
    },
  };
}

/** Seeded values at the corners of each octave; few are in use at a time, so a small cache suffices. */
function createLattice(seed: string): (name: string, index: number) => number {
  const known = new Map<string, number>();
  return (name, index) => {
    const key = `${name}/${index}`;
    let value = known.get(key);
    if (value === undefined) {
      if (known.size > 2_000) known.clear();
      const draw = seededBytes(seed, 'price', key).readUInt32LE(0);
      value = Math.floor((draw * (2 * LATTICE_RANGE + 1)) / 2 ** 32) - LATTICE_RANGE;
      known.set(key, value);
    }
    return value;
  };
}
