import type { SysvarClock } from '@oee/amm';
import { CLOCK_SYSVAR } from '@oee/solana';
import type { AccountSnapshot } from '../../ports/account-feed.ts';

/** The chain's time: openings and scheduled fees follow it, never the local clock. */
export interface ChainClock extends SysvarClock {
  readonly epoch: bigint;
}

/** Layout: solana-sdk, clock.rs (slot, epoch start, epoch, leader schedule epoch, unix timestamp). Null if not read. */
export function readChainClock(snapshot: AccountSnapshot): ChainClock | null {
  const data = snapshot.data(CLOCK_SYSVAR);
  if (!data || data.length < 40) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    slot: view.getBigUint64(0, true),
    epoch: view.getBigUint64(16, true),
    unixTimestamp: view.getBigInt64(32, true),
  };
}
