import type { Wallet } from '../adapters/signers/wallet-file.ts';
import type { Config } from '../config/config.ts';
import type { Ports } from '../execution/ports.ts';
import type { Logger } from '../ports/logger.ts';

/** The chain that orders are executed on, everything that reads and writes it, and the wallet. */
export interface ConnectedChain {
  readonly parts: Pick<Ports, 'chain' | 'time' | 'venues' | 'tokens' | 'signer' | 'scenarios'>;
  /** Where its first node answers JSON-RPC. */
  readonly rpcUrl: string;
  close(): Promise<void>;
}

/** The wallet of the orders: its key, or only the address of one that others sign for. */
export type FoundWallet = Pick<Wallet, 'secretKey'> | { readonly address: string };

export interface ConnectOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Gives the wallet for the orders on the chain that was found. */
  readonly walletOn: (genesisHash: string) => Promise<FoundWallet>;
}
