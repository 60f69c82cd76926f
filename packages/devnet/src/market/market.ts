import type { Genesis } from '../genesis.ts';
import type { MarketMood } from './mood.ts';

/** What trades by itself on the devnet. It keeps no state: a restart at any slot continues as if nothing had happened. */
export interface Market {
  /**
   * Signed wire transactions (at most 1,232 bytes each) that the market's own traders send in this slot.
   * Follows from the seed, the slot and the accounts' state alone.
   *
   * @param input.blockhash Base58, of the block that they are to land in.
   * @param input.account   The data of an account as of the previous block, or null.
   */
  transactionsForSlot(input: {
    slot: bigint;
    blockhash: string;
    account(address: string): Uint8Array | null;
  }): Uint8Array[];
}

export function createMarket(_options: { seed: string; mood: MarketMood; genesis: Genesis }): Market {
  return { transactionsForSlot: () => [] };
}
