import type { BaseUnits } from '../../domain/amount.ts';
import type { ChainTime } from '../../domain/chain-time.ts';
import type { Order } from '../../domain/order.ts';
import { isSol } from '../../domain/token.ts';
import type { WalletHoldings } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/** An order that may spend from the wallet; undefined where an open attempt's order is not known to this process. */
export type Spender = Order | undefined;

/** Rent of new accounts, network and priority fees of one order. */
const LAMPORTS_BESIDE_THE_SWAP = 10_000_000n;
/** Other processes and transfers spend from the same wallet, so it must hold twice what the known orders can spend. */
const FUNDS_PER_NEED = 2n;
/** The holdings are read as confirmed, which is some slots behind the newest slot. */
const MAX_SLOTS_UNCONFIRMED = 4n;

interface Memory {
  readonly holdings: WalletHoldings;
  /** The newest slot when the read began. */
  readonly readSlot: bigint;
  /** Orders that could spend when the read began. */
  readonly spenders: readonly Spender[];
}

/** What the wallet holds, read once per slot, less what this process's orders can still spend. */
export class WalletFunds {
  readonly #ports: Ports;
  readonly #time: ChainTime;
  readonly #spenders: () => readonly Spender[];
  #memory: Memory | null = null;

  /** @param spenders Orders that are being built or have an open attempt. */
  constructor(ports: Ports, time: ChainTime, spenders: () => readonly Spender[]) {
    this.#ports = ports;
    this.#time = time;
    this.#spenders = spenders;
  }

  /** @throws {ChainUnavailable} Nothing was read. */
  async read(): Promise<void> {
    const readSlot = this.#time.slots.newest;
    const spenders = this.#spenders();
    const holdings = await this.#ports.chain.anyNode.holdings(this.#ports.signer.address);
    this.#memory = { holdings, readSlot, spenders };
  }

  /** The holdings, if they were read in this slot or the one before. */
  get holdings(): WalletHoldings | null {
    const { newest } = this.#time.slots;
    const memory = this.#memory;
    if (!memory || memory.readSlot + 1n < newest) return null;
    return memory.holdings.slot + MAX_SLOTS_UNCONFIRMED >= newest ? memory.holdings : null;
  }

  /** Whether the wallet is known to pay for this order beside all others. */
  suffice(order: Order, limitAmount: BaseUnits): boolean {
    const { holdings } = this;
    const spenders = [...(this.#memory?.spenders ?? []), ...this.#spenders()];
    if (!holdings || spenders.includes(undefined)) return false;
    const others = new Map(spenders.flatMap((one) => (one ? [[one.request.orderId, one] as const] : [])));
    others.delete(order.request.orderId);
    let lamports = LAMPORTS_BESIDE_THE_SWAP;
    let tokens = 0n;
    for (const one of [{ ...order, limitAmount }, ...others.values()]) {
      const spent = spentBy(one);
      if (spent === null) return false;
      lamports += LAMPORTS_BESIDE_THE_SWAP + (isSol(one.request.tokenIn) ? spent : 0n);
      if (one.request.tokenIn.mint === order.request.tokenIn.mint) tokens += spent;
    }
    const held = isSol(order.request.tokenIn)
      ? null
      : (holdings.tokens.get(order.request.tokenIn.mint) ?? 0n);
    return (
      holdings.lamports >= lamports * FUNDS_PER_NEED && (held === null || held >= tokens * FUNDS_PER_NEED)
    );
  }
}

/** Null if the order has no limit yet. */
const spentBy = ({ request, limitAmount }: Order): BaseUnits | null =>
  request.swapMode === 'exactOut' ? limitAmount : request.amount;
