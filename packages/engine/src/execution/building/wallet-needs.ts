import type { BaseUnits } from '../../domain/amount.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import { isSol, type Mint, type Token } from '../../domain/token.ts';
import type { WalletHoldings } from '../../ports/chain.ts';

/** An order that may spend from the wallet; undefined where an open attempt's order is not known to this process. */
export type Spender = Order | undefined;

/** Rent of new accounts, network and priority fees of one order. */
const LAMPORTS_BESIDE_THE_SWAP = 10_000_000n;
/** Other processes and transfers spend from the same wallet, so it must hold twice what the known orders can spend. */
const FUNDS_PER_NEED = 2n;

/** The most that orders can take from the wallet together. */
export class WalletNeeds {
  readonly #orders = new Set<OrderId>();
  readonly #tokens = new Map<Mint, BaseUnits>();
  #lamports = LAMPORTS_BESIDE_THE_SWAP;
  #areKnown = true;

  constructor(spenders: readonly Spender[]) {
    for (const spender of spenders) this.add(spender);
  }

  /** An order that is there already counts once: its tries follow one another, with the same limit. */
  add(spender: Spender): void {
    const spent = spender ? spentBy(spender) : null;
    if (!spender || spent === null) {
      this.#areKnown = false;
      return;
    }
    const { orderId, tokenIn } = spender.request;
    if (this.#orders.has(orderId)) return;
    this.#orders.add(orderId);
    this.#lamports += LAMPORTS_BESIDE_THE_SWAP + (isSol(tokenIn) ? spent : 0n);
    this.#tokens.set(tokenIn.mint, this.#of(tokenIn) + spent);
  }

  /** Whether the wallet pays for the orders that spend this token, and for the fees of all. */
  areMetBy({ lamports, tokens }: WalletHoldings, token: Token): boolean {
    if (!this.#areKnown || lamports < this.#lamports * FUNDS_PER_NEED) return false;
    return isSol(token) || (tokens.get(token.mint) ?? 0n) >= this.#of(token) * FUNDS_PER_NEED;
  }

  #of({ mint }: Token): BaseUnits {
    return this.#tokens.get(mint) ?? 0n;
  }
}

/** Null if the order has no limit yet. */
const spentBy = ({ request, limitAmount }: Order): BaseUnits | null =>
  request.swapMode === 'exactOut' ? limitAmount : request.amount;
