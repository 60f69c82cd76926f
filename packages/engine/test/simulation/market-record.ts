import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import { vaultOf } from '../../src/adapters/memory/pool.ts';
import { POOLS, SOL, USDC } from '../support/world.ts';

/** What the pools said from a moment on: net prices of an infinitely small swap, USDC per SOL. */
export interface Reading extends Prices {
  readonly fromMs: number;
  readonly slot: bigint;
  /** Of each pool alone: a venue that fails is sidelined, and then its pool is not there for the process that sidelined it. */
  readonly alone: readonly Prices[];
}

interface Prices {
  /** What a SOL brings. */
  readonly bid: number;
  /** What a SOL costs. */
  readonly ask: number;
}

/** Every price that the market ever had, by the balances of the pools alone. */
export function createMarketRecord(chain: MemoryChain, nowMs: () => number) {
  const readings: Reading[] = [read()];
  return {
    readings: (): readonly Reading[] => readings,
    newest: (): Reading => readings.at(-1)!,
    /** The balances or the slot may have changed. */
    note: (): void => void readings.push(read()),
    /** Until when a node could show this slot as the newest one. */
    endOf(slot: bigint): number {
      return readings.find((one) => one.slot > slot)?.fromMs ?? nowMs();
    },
  };

  function read(): Reading {
    const alone = POOLS.map((pool) => {
      const [sol, usdc] = [chain.balanceOf(vaultOf(pool, SOL)), chain.balanceOf(vaultOf(pool, USDC))];
      const price = (Number(usdc) / Number(sol)) * 1_000;
      const kept = 1 - pool.feeBps / 10_000;
      return { bid: price * kept, ask: price / kept };
    });
    return {
      fromMs: nowMs(),
      slot: chain.slot(),
      bid: Math.max(...alone.map(({ bid }) => bid)),
      ask: Math.min(...alone.map(({ ask }) => ask)),
      alone,
    };
  }
}

export type MarketRecord = ReturnType<typeof createMarketRecord>;

/** tokenOut per tokenIn. */
export function priceAt({ bid, ask }: Prices, isSale: boolean, source: string): number {
  if (source === 'last') return isSale ? bid : 1 / ask;
  return isSale ? (bid + ask) / 2 : (1 / bid + 1 / ask) / 2;
}
