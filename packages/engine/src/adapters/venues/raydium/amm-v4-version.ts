import type { Token } from '../../../domain/token.ts';
import { ChainUnavailable, type Simulation } from '../../../ports/chain.ts';
import type { PoolAddresses } from '../pool-program.ts';
import type { TrySwap } from '../try-swap.ts';
import { ammV4SwapInstruction } from './amm-v4-swap.ts';

const U64_MAX = 2n ** 64n - 1n;

/**
 * Whether the program that the chain has takes swaps without an order book on pools of status 1. Versions that know an
 * order book answer 22 (InvalidStatus); those without one take them. Nothing on the chain tells the version, so a swap is
 * simulated: of nothing for more than there is, which every version that looks at its amounts refuses as slippage.
 */
export class AmmV4Version {
  private known: boolean | null = null;
  private readonly trySwap: TrySwap | undefined;

  constructor(trySwap: TrySwap | undefined) {
    this.trySwap = trySwap;
  }

  /** False while it is not known. */
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
