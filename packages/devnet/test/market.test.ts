import { describe, expect, test } from 'vitest';
import { createGenesis, type Genesis } from '../src/genesis.ts';
import { createMarket } from '../src/market/market.ts';
import { viewPool } from '../src/market/pool-view.ts';
import { createProgramVm, type Outcome } from './program-vm.ts';

const SLOTS = 2_000;
const BLOCKHASH = 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N';

interface Run {
  readonly sent: number;
  readonly outcomes: readonly Outcome[];
  /** Widest gap between two pools of one pair, basis points, as seen every tenth slot. */
  readonly widestGapBps: number;
  /** How often each venue sold SOL dearest, and gaps over ten slots. */
  readonly bestForSol: Map<string, number>;
  readonly distinctGapsBps: Set<number>;
  /** What each pool's x * y became of its start, per mille. */
  readonly depthPermille: number[];
  readonly millisecondsPerTransaction: number;
}

async function runMarket(mood: 'calm' | 'wild', seed: string): Promise<Run> {
  const genesis = await createGenesis({ seed, mood });
  const market = createMarket({ seed, mood, genesis });
  const vm = createProgramVm();
  vm.set(genesis.accounts);
  const account = (address: string) => vm.data(address);
  const depthOf = () =>
    genesis.layout.pools.flatMap((pool) => {
      // Their views are those of one bin and of the liquidity at one price, others after every move.
      if (pool.kind === 'meteora-dlmm' || pool.kind === 'raydium-clmm') return [];
      const view = viewPool(pool, account)!;
      return view.reserve0 * view.reserve1;
    });
  const startDepth = depthOf();
  const outcomes: Outcome[] = [];
  const bestForSol = new Map<string, number>();
  const distinctGapsBps = new Set<number>();
  let widestGapBps = 0;
  let spentMs = 0;

  for (let slot = 0; slot < SLOTS; slot++) {
    vm.svm.expireBlockhash();
    vm.setTime({ slot: BigInt(slot), unixTimestamp: 1_790_000_000n + BigInt(Math.floor(slot * 0.4)) });
    const started = performance.now();
    const wires = market.transactionsForSlot({
      slot: BigInt(slot),
      blockhash: vm.svm.latestBlockhash(),
      account,
    });
    spentMs += performance.now() - started;
    for (const wire of wires) {
      expect(wire.length).toBeLessThanOrEqual(1_232);
      outcomes.push(vm.send(wire));
    }
    if (slot % 10 !== 0) continue;
    const gaps = gapsOfPairs(genesis, account);
    widestGapBps = Math.max(widestGapBps, ...gaps.map(({ gapBps }) => gapBps));
    const solUsdc = gaps.find(({ pair }) => pair === 'SOL/USDC')!;
    bestForSol.set(solUsdc.dearest, (bestForSol.get(solUsdc.dearest) ?? 0) + 1);
    distinctGapsBps.add(solUsdc.gapBps);
  }
  return {
    sent: outcomes.length,
    outcomes,
    widestGapBps,
    bestForSol,
    distinctGapsBps,
    depthPermille: depthOf().map((depth, index) => Number((depth * 1_000n) / startDepth[index]!)),
    millisecondsPerTransaction: spentMs / outcomes.length,
  };
}

/** For each pair on both venues: how far the dearest pool is above the cheapest, and which it is. */
function gapsOfPairs(genesis: Genesis, account: (address: string) => Uint8Array) {
  const bySymbols = new Map<string, { kind: string; rate: bigint }[]>();
  const symbolOf = new Map(genesis.tokens.map(({ mint, symbol }) => [mint, symbol]));
  for (const pool of genesis.layout.pools) {
    const view = viewPool(pool, account)!;
    const [first, second] = [symbolOf.get(pool.mint0)!, symbolOf.get(pool.mint1)!];
    const isNamed = ['SOL/USDC', 'SOL/USDT'].includes(`${first}/${second}`) || first < second;
    const pair = isNamed ? `${first}/${second}` : `${second}/${first}`;
    const scale = 10n ** 18n;
    const rate = isNamed ? (view.reserve1 * scale) / view.reserve0 : (view.reserve0 * scale) / view.reserve1;
    bySymbols.set(pair, [...(bySymbols.get(pair) ?? []), { kind: pool.kind, rate }]);
  }
  return [...bySymbols].flatMap(([pair, pools]) => {
    if (pools.length < 2) return [];
    const sorted = pools.toSorted((a, b) => (a.rate < b.rate ? 1 : -1));
    const [dearest, cheapest] = [sorted[0]!, sorted.at(-1)!];
    return [
      {
        pair,
        dearest: dearest.kind,
        gapBps: Number(((dearest.rate - cheapest.rate) * 10_000n) / cheapest.rate),
      },
    ];
  });
}

describe('the market', () => {
  test('sends the same transactions for the same seed, and others for another seed', async () => {
    const wires = async (seed: string) => {
      const genesis = await createGenesis({ seed, mood: 'calm' });
      const market = createMarket({ seed, mood: 'calm', genesis });
      const data = new Map(genesis.accounts.map((account) => [account.address, account.data]));
      const account = (address: string) => data.get(address) ?? null;
      const slots = Array.from({ length: 200 }, (_, index) => BigInt(index));
      return slots.flatMap((slot) => market.transactionsForSlot({ slot, blockhash: BLOCKHASH, account }));
    };
    const [first, again, other] = [await wires('a'), await wires('a'), await wires('b')];

    expect(first.length).toBeGreaterThan(40);
    expect(Buffer.concat(again).equals(Buffer.concat(first))).toBe(true);
    expect(Buffer.concat(other).equals(Buffer.concat(first))).toBe(false);
  });

  test('sends nothing in the mood none', async () => {
    const genesis = await createGenesis({ seed: 'quiet', mood: 'none' });
    const market = createMarket({ seed: 'quiet', mood: 'none', genesis });

    expect(genesis.traders).toEqual([]);
    expect(market.transactionsForSlot({ slot: 1n, blockhash: BLOCKHASH, account: () => null })).toEqual([]);
  });

  test.each([
    { mood: 'calm', perSlot: [0.3, 0.9], gapBps: 130 },
    { mood: 'wild', perSlot: [1, 3.5], gapBps: 500 },
  ] as const)(
    'keeps venues near each other and pools full when $mood',
    async ({ mood, perSlot, gapBps }) => {
      const run = await runMarket(mood, 'market test');
      const failed = run.outcomes.filter((outcome) => !outcome.ok);
      expect(run.sent / SLOTS).toBeGreaterThan(perSlot[0]);
      expect(run.sent / SLOTS).toBeLessThan(perSlot[1]);
      expect(failed.length / run.sent).toBeLessThan(0.02);
      expect(run.widestGapBps).toBeLessThanOrEqual(gapBps);
      expect(run.distinctGapsBps.size).toBeGreaterThan(5);
      expect(run.bestForSol.get('raydium-cpmm')).toBeGreaterThan(SLOTS / 10 / 10);
      expect(run.bestForSol.get('meteora-damm-v2')).toBeGreaterThan(SLOTS / 10 / 10);
      // Fees let k grow; the view of a pool rounds down by less than a thousandth.
      expect(Math.min(...run.depthPermille)).toBeGreaterThanOrEqual(999);
    },
    120_000,
  );
});
