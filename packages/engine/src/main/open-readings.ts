import { createAccountFeed } from '../adapters/solana/account-feed.ts';
import type { SolanaChain } from '../adapters/solana/chain.ts';
import { createLookupTables } from '../adapters/solana/lookup-tables.ts';
import { createTimelyReader } from '../adapters/solana/timely-reader.ts';
import { createTokenRegistry } from '../adapters/solana/token-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config/config.ts';
import { ChainTime } from '../domain/chain-time.ts';
import type { Logger } from '../ports/logger.ts';

/** What is read of a chain and kept: its time, the accounts of pools slot by slot, tokens, and lookup tables. */
export function openReadings(chain: SolanaChain, config: Config, log: Logger) {
  const clock = systemClock;
  const time = new ChainTime();
  const reader = createTimelyReader({
    any: chain.reader,
    nodes: chain.readers,
    time,
    maxSlotsBehind: config.MAX_QUOTE_AGE_SLOTS,
    clock,
  });
  return {
    time,
    feed: createAccountFeed({ reader, onSlot: chain.onSlot, clock, slotMs: config.DEVNET_SLOT_MS }),
    tokens: createTokenRegistry({ readers: chain.readers, log }),
    lookupTables: createLookupTables([chain.reader, ...chain.readers], clock),
  };
}

export type Readings = ReturnType<typeof openReadings>;
