import type { BlockProducer } from './block-producer.ts';
import type { Chain } from './chain/chain.ts';
import type { Faucet } from './chain/faucet.ts';
import type { Mempool } from './chain/mempool.ts';
import type { PrioritizationFees } from './chain/prioritization-fees.ts';
import type { Delivery } from './faults/delivery.ts';
import type { Faults } from './faults/faults.ts';
import type { Forks } from './faults/forks.ts';
import type { SwapGate } from './jupiter/swap-gate.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Launches } from './market/launch.ts';
import type { MarketListing } from './market/listing.ts';
import type { Contacts } from './rpc/contacts.ts';
import type { EncodedTransactions } from './rpc/encoded-transactions.ts';

/** The parts of a running devnet that its servers answer from. */
export interface DevnetNode {
  readonly chain: Chain;
  readonly ledger: Ledger;
  readonly mempool: Mempool;
  readonly producer: BlockProducer;
  readonly faucet: Faucet;
  readonly faults: Faults;
  readonly delivery: Delivery;
  readonly forks: Forks;
  readonly prioritizationFees: PrioritizationFees;
  readonly listing: MarketListing;
  readonly launches: Launches;
  readonly swapGate: SwapGate;
  readonly contacts: Contacts;
  readonly encodedTransactions: EncodedTransactions;
}
