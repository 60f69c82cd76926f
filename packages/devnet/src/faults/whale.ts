import { deriveAssociatedTokenAccount } from '@oee/solana';
import type { Chain } from '../chain/chain.ts';
import { tokenAmountOf } from '../chain/token-account.ts';
import { parseTransaction, type WireTransaction } from '../chain/wire-transaction.ts';
import { fund } from '../market/fund.ts';
import { createSeededKeypair } from '../market/keypair.ts';
import type { PlacedPool } from '../market/placed-pool.ts';
import { createPoolSwap } from '../market/pool-swap.ts';
import { viewPool } from '../market/pool-view.ts';
import { signTransaction } from '../market/wire-transaction.ts';
import { MOST_COMPUTE_UNITS } from '../pools/compute-budget.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';

const FEE_LAMPORTS = 1_000_000_000n;
/** How often an amount that a pool cannot take is halved; the last one is about a hundredth of the amount. */
const MOST_HALVINGS = 7;

export interface Direction {
  readonly pool: PlacedPool;
  readonly isZeroForOne: boolean;
}

/** A swap that succeeds in the pool's current state. */
export interface WhaleSwap {
  readonly transaction: WireTransaction;
  /** Base units. */
  readonly amountOut: bigint;
}

/** A trader with unlimited money that moves a pool's price. Its swaps are ordinary transactions. */
export class Whale {
  private readonly chain: Chain;
  private readonly keypair: ReturnType<typeof createSeededKeypair>;

  constructor(chain: Chain, seed: string) {
    this.chain = chain;
    this.keypair = createSeededKeypair(seed, 'whale');
  }

  /**
   * A swap of `percent` of the pool's reserve of the input token, or of the largest amount that the pool takes. Null if
   * the pool cannot be read, is empty or is closed.
   */
  async swapShare(direction: Direction, percent: number): Promise<WhaleSwap | null> {
    const { pool, isZeroForOne } = direction;
    const view = viewPool(pool, (address) => this.chain.accounts.read(address)?.data ?? null);
    if (view === null) return null;
    return this.swapAtMost(
      direction,
      ((isZeroForOne ? view.reserve0 : view.reserve1) * BigInt(percent)) / 100n,
    );
  }

  /**
   * A swap of `most`, or of the largest amount that the pool takes, since bins and price ranges end. It funds the
   * trader's account for the swap. Null if the pool takes next to nothing.
   */
  async swapAtMost({ pool, isZeroForOne }: Direction, most: bigint): Promise<WhaleSwap | null> {
    if (most === 0n) return null;
    const { address: payer } = this.keypair;
    const [mintIn, mintOut] = isZeroForOne ? [pool.mint0, pool.mint1] : [pool.mint1, pool.mint0];
    const tokens = [
      { mint: mintIn, amount: most },
      { mint: mintOut, amount: 0n },
    ];
    await fund(this.chain, { owner: payer, lamports: FEE_LAMPORTS, tokens });
    const [userIn, userOut] = await Promise.all([
      deriveAssociatedTokenAccount(payer, mintIn),
      deriveAssociatedTokenAccount(payer, mintOut),
    ]);
    const wallet = { payer, userIn, userOut, minAmountOut: 1n };
    const attempt = (amountIn: bigint) =>
      this.attempt(createPoolSwap({ pool, isZeroForOne, ...wallet, amountIn }), userOut);
    return largest(most, attempt);
  }

  /** The signed swap, or null if it fails on the current accounts. */
  private attempt(instruction: SwapInstruction, userOut: string): WhaleSwap | null {
    const { vm, accounts, history } = this.chain;
    const wire = signTransaction(this.keypair, [MOST_COMPUTE_UNITS, instruction], history.tip.blockhash);
    const transaction = parseTransaction(wire);
    const { error, accountsAfter } = vm.simulate(transaction, { verifySignatures: false });
    if (error !== null) return null;
    const [before, after] = [accounts.read(userOut), accountsAfter().get(userOut)];
    return { transaction, amountOut: tokenAmountOf(after) - tokenAmountOf(before) };
  }
}

/** The result for `most`, or for the largest tried amount below it that succeeds. */
function largest<T>(most: bigint, attempt: (amount: bigint) => T | null): T | null {
  const whole = attempt(most);
  if (whole !== null) return whole;
  let found: T | null = null;
  let [fits, fails] = [0n, most];
  for (let step = 0; step < MOST_HALVINGS; step += 1) {
    const middle = (fits + fails) / 2n;
    const result = middle === 0n ? null : attempt(middle);
    if (result === null) fails = middle;
    else [found, fits] = [result, middle];
  }
  return found;
}
