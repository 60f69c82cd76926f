import { createTokenAccountAddresses } from '@oee/solana';
import { momentOf } from '../../domain/moment.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { Chain, ProgramErrors } from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import type { Logger } from '../../ports/logger.ts';
import { createAccountReader } from './account-reader.ts';
import { toU64 } from './exact-json.ts';
import { firstAvailable } from './first-available.ts';
import { closeReceipt } from './instructions.ts';
import { joinSlotWatches } from './join-slot-watches.ts';
import { compileMessage } from './message-encoder.ts';
import { createReceipts } from './receipts.ts';
import { recentComputeUnitPrice } from './recent-price.ts';
import { createRent } from './rent.ts';
import { createRpc, type Rpc } from './rpc.ts';
import { toChainNode } from './rpc-node.ts';
import { createSlotWatch } from './slot-watch.ts';
import { swapFrame } from './swap-frame.ts';
import { createErrorReader } from './transaction-error.ts';

export interface NodeUrls {
  readonly url: string;
  /** Null: slots are polled. */
  readonly wsUrl: string | null;
}

export interface SolanaChainOptions {
  readonly http: HttpClient;
  /** RPC nodes, the preferred one first. Their URLs may hold API keys and never appear in logs or errors. */
  readonly nodes: readonly NodeUrls[];
  /** Genesis hash of the engine's chain, base58; answers of other chains are errors. */
  readonly genesisHash: string;
  readonly log: Logger;
  /** Errors of the pool programs; without them their codes are only numbers. */
  readonly programErrors?: readonly ProgramErrors[];
  /** Per RPC call. */
  readonly timeoutMs?: number;
  /** Pause between polls for the slot while the socket is down. */
  readonly pollIntervalMs?: number;
}

export interface SolanaChain extends Chain {
  /** Reads accounts from any node. */
  readonly reader: AccountReader;
  /** One reader for each node. */
  readonly readers: readonly AccountReader[];
  /** Ends the slot subscriptions. */
  close(): void;
}

const TIMEOUT_MS = 5_000;

const nameOf = (index: number): string => `node-${index + 1}`;

export function createSolanaChain(options: SolanaChainOptions): SolanaChain {
  const { http, nodes, log, timeoutMs = TIMEOUT_MS, pollIntervalMs } = options;
  const identity = createChainIdentity(options.genesisHash);
  const rpcs = nodes.map(({ url }, index) =>
    createRpc({ http, name: nameOf(index), url, timeoutMs, identity }),
  );
  const clock = { moment: () => momentOf(performance.now()) };
  const slots = joinSlotWatches(
    nodes.map(({ wsUrl }, index) => {
      const pollSlot = () => (rpcs[index] as Rpc).call('getSlot', [{ commitment: 'processed' }], toU64);
      return createSlotWatch({ wsUrl, log, pollSlot, ...(pollIntervalMs ? { pollIntervalMs } : {}) });
    }),
  );
  const addressOf = createTokenAccountAddresses();
  const rent = createRent(rpcs, clock);
  const readError = createErrorReader(options.programErrors);
  const parts = rpcs.map((rpc) => ({ ...toChainNode(rpc, readError), ...createAccountReader(rpc) }));
  const { any, ask } = firstAvailable(parts, clock);
  return {
    identity,
    nodes: parts,
    anyNode: any,
    askAny: ask,
    reader: any,
    readers: parts,
    swapFrame: (swap) => swapFrame({ addressOf, rent }, swap),
    receipt: createReceipts(rent),
    closeReceipts: (owner, receipts) => receipts.map((receipt) => closeReceipt(owner, receipt)),
    recentComputeUnitPrice: (accounts) => recentComputeUnitPrice(rpcs, accounts),
    compile: compileMessage,
    onSlot: slots.onSlot,
    close: slots.close,
  };
}
