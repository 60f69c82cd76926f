import { deriveAssociatedTokenAccount } from '@oee/solana';
import type { Chain } from '../chain/chain.ts';
import { parseTransaction, type WireTransaction } from '../chain/wire-transaction.ts';
import { fund } from '../market/fund.ts';
import { createSeededKeypair } from '../market/keypair.ts';
import type { PlacedPool } from '../market/placed-pool.ts';
import { createPoolSwap } from '../market/pool-swap.ts';
import { viewPool } from '../market/pool-view.ts';
import { signTransaction } from '../market/wire-transaction.ts';

const FEE_LAMPORTS = 1_000_000_000n;

/** A trader with unlimited money that moves a pool's price. Its swaps are ordinary transactions. */
export class Whale {
  private readonly chain: Chain;
  private readonly keypair: ReturnType<typeof createSeededKeypair>;

  constructor(chain: Chain, seed: string) {
    this.chain = chain;
    this.keypair = createSeededKeypair(seed, 'whale');
  }

  /**
   * A swap of `percent` of what the pool holds of the token that goes in. The money for it is there afterwards.
   * Null where the pool cannot be read or is empty.
   */
  async swap({
    pool,
    isZeroForOne,
    percent,
  }: {
    pool: PlacedPool;
    isZeroForOne: boolean;
    percent: number;
  }): Promise<WireTransaction | null> {
    const view = viewPool(pool, (address) => this.chain.vm.account(address)?.data ?? null);
    if (view === null) return null;
    const amountIn = ((isZeroForOne ? view.reserve0 : view.reserve1) * BigInt(percent)) / 100n;
    if (amountIn === 0n) return null;
    const { address: owner } = this.keypair;
    const [mintIn, mintOut] = isZeroForOne ? [pool.mint0, pool.mint1] : [pool.mint1, pool.mint0];
    const tokens = [
      { mint: mintIn, amount: amountIn },
      { mint: mintOut, amount: 0n },
    ];
    await fund(this.chain, { owner, lamports: FEE_LAMPORTS, tokens });
    const instruction = createPoolSwap({
      pool,
      isZeroForOne,
      payer: owner,
      userIn: await deriveAssociatedTokenAccount(owner, mintIn),
      userOut: await deriveAssociatedTokenAccount(owner, mintOut),
      amountIn,
      minAmountOut: 1n,
    });
    return parseTransaction(signTransaction(this.keypair, [instruction], this.chain.history.tip.blockhash));
  }
}
