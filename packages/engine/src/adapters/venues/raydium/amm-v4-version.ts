import type { Token } from '../../../domain/token.ts';
import { ChainUnavailable, type Simulation } from '../../../ports/chain.ts';
import type { PoolAddresses } from '../pool-program.ts';
import type { TrySwap } from '../try-swap.ts';
import { ammV4SwapInstruction } from './amm-v4-swap.ts';

const U64_MAX = 2n ** 64n - 1n;

/**
 * Finds out whether the chain's version of the program takes swaps without an order book on pools of status 1. Versions
 * with an order book answer 22 (InvalidStatus); those without one take such swaps. No account on the chain names the
 * version, so the engine simulates a swap of zero input with an impossible minimum, which every version that checks its
 * amounts refuses as slippage.
 */
export class AmmV4Version {
  private known: boolean | null = null;
  private readonly trySwap: TrySwap | undefined;

  constructor(trySwap: TrySwap | undefined) {
    this.trySwap = trySwap;
  }

  /** False while the version is unknown. */
  get servesInitialized(): boolean {
    return this.known === true;
  }

  /** Asks once, with a pool of status 1. @returns Whether such pools have to be read anew. */
  async learn(pool: PoolAddresses, tokens: readonly [Token, Token]): Promise<boolean> {
    if (this.known !== null || !this.trySwap) return false;
    try {
      this.known = readVersion(
        await this.trySwap(tokens, (wallet) =>
          ammV4SwapInstruction(pool, { ...wallet, swapMode: 'exactIn', amountIn: 0n, amountOut: U64_MAX }),
        ),
      );
    } catch (error) {
      if (!(error instanceof ChainUnavailable)) throw error;
    }
    return this.servesInitialized;
  }
}

/** Null where the simulation failed for another reason, such as a wallet without SOL. */
function readVersion(simulation: Simulation): boolean | null {
  if (simulation.outcome === 'succeeded') return true;
  const { kind } = simulation.error;
  if (kind === 'slippage') return true;
  return kind === 'unserved' ? false : null;
}
