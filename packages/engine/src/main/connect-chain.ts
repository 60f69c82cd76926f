import { createKeylessSigner } from '../adapters/signers/keyless-signer.ts';
import { createKeypairSigner } from '../adapters/signers/keypair-signer.ts';
import type { Wallet } from '../adapters/signers/wallet-file.ts';
import { createAccountFeed } from '../adapters/solana/account-feed.ts';
import { createSolanaChain, type NodeUrls } from '../adapters/solana/chain.ts';
import { createDevnetScenarios } from '../adapters/solana/devnet-scenarios.ts';
import { createLookupTables } from '../adapters/solana/lookup-tables.ts';
import { createTimelyReader } from '../adapters/solana/timely-reader.ts';
import { createTokenRegistry } from '../adapters/solana/token-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { jupiterErrors } from '../adapters/venues/jupiter/jupiter-errors.ts';
import { jupiterSwapInspector } from '../adapters/venues/jupiter/jupiter-swap.ts';
import { createJupiterVenue } from '../adapters/venues/jupiter/jupiter-venue.ts';
import { type Config, InvalidConfig } from '../config/config.ts';
import { ChainTime } from '../domain/chain-time.ts';
import type { Ports } from '../execution/ports.ts';
import { AnotherChain, type Chain } from '../ports/chain.ts';
import type { Logger } from '../ports/logger.ts';
import type { Venue } from '../ports/venue.ts';
import { createTrySwap } from './create-try-swap.ts';
import { fundDevnetWallet, readDevnetLookupTables } from './devnet-admin.ts';
import { attachToDevnet, type DevnetProcess, startDevnetProcess } from './devnet-process.ts';
import { createPoolVenues, POOL_PROGRAM_ERRORS, POOL_SWAP_INSPECTORS } from './pool-venues.ts';

export interface ConnectedChain {
  readonly parts: Pick<Ports, 'chain' | 'time' | 'venues' | 'tokens' | 'signer' | 'scenarios'>;
  readonly devnetUrl: string;
  close(): Promise<void>;
}

/** The devnet, everything that reads and writes it, and a wallet: one that signs is funded there. */
export async function connectChain(options: {
  readonly config: Config;
  readonly log: Logger;
  /** The wallet for the orders on this chain: its key, or only the address of one that others sign for. */
  readonly walletOn: (
    genesisHash: string,
  ) => Promise<Pick<Wallet, 'secretKey'> | { readonly address: string }>;
}): Promise<ConnectedChain> {
  const { config, log, walletOn } = options;
  const clock = systemClock;
  const devnet = await openDevnet(config, log);
  try {
    const { genesisHash } = devnet;
    const nodes = devnetNodes(devnet, config.DEVNET_NODE_2_URL);
    const chain = createSolanaChain({
      nodes,
      genesisHash,
      log,
      programErrors: [...POOL_PROGRAM_ERRORS, jupiterErrors],
    });
    await requireOneChain(chain);
    const time = new ChainTime();
    const feed = createAccountFeed({
      reader: createTimelyReader({
        any: chain.reader,
        nodes: chain.readers,
        time,
        maxSlotsBehind: config.MAX_QUOTE_AGE_SLOTS,
        clock,
      }),
      onSlot: chain.onSlot,
      clock,
      maxAgeMs: config.DEVNET_SLOT_MS,
    });
    const only = config.POOLS?.split(',');
    const tokens = createTokenRegistry({ readers: chain.readers, log });
    const lookupTables = createLookupTables([chain.reader, ...chain.readers], clock);
    const marketTables = await lookupTables.read(await readDevnetLookupTables(devnet.url));
    const { reader } = chain;
    const wallet = await walletOn(genesisHash);
    devnet.remember();
    const inspectors = [...POOL_SWAP_INSPECTORS, jupiterSwapInspector];
    const signer =
      'secretKey' in wallet
        ? createKeypairSigner({
            secretKey: wallet.secretKey,
            inspectors,
            executionSecret: config.EXECUTION_SECRET,
            lookupTables,
          })
        : createKeylessSigner(wallet.address);
    const { lamports } = await chain.anyNode.holdings(signer.address);
    if ('secretKey' in wallet && lamports === 0n) await fundDevnetWallet(devnet.url, signer.address, log);

    const poolVenues = createPoolVenues({
      reader,
      only,
      feed,
      tokens,
      lookupTables: marketTables,
      clock,
      log,
      trySwap: createTrySwap(chain, signer.address),
    });
    const found = await Promise.all(poolVenues.map((venue) => venue.discover()));
    requireFound(only ?? [], found.flat());

    const jupiter = config.JUPITER_URL === 'off' ? [] : [jupiterVenue()];
    function jupiterVenue(): Venue {
      const url = config.JUPITER_URL ?? `${devnet.url}/swap/v2`;
      const options = { url, apiKey: config.JUPITER_API_KEY, taker: signer.address };
      return createJupiterVenue({ ...options, feed, tokens, inspectors, clock });
    }

    return {
      parts: {
        chain,
        time,
        venues: [...poolVenues, ...jupiter],
        tokens,
        signer,
        scenarios: createDevnetScenarios(devnet.url),
      },
      devnetUrl: devnet.url,
      async close() {
        feed.close();
        chain.close();
        await devnet.stop();
      },
    };
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}

/** The devnet of the configuration: a separate one, or this process's own. */
function openDevnet(config: Config, log: Logger): Promise<DevnetProcess> {
  if (config.DEVNET_URL !== null) return attachToDevnet({ url: config.DEVNET_URL, clock: systemClock });
  return startDevnetProcess({
    dataDir: config.DATA_DIR,
    allowUnlocked: config.ALLOW_UNLOCKED_DATA_DIR === 'yes',
    port: config.DEVNET_PORT,
    slotMs: config.DEVNET_SLOT_MS,
    seed: config.DEVNET_SEED,
    market: config.DEVNET_MARKET,
    clock: systemClock,
    log,
  });
}

/** The devnet answers as two nodes, so that no single answer ends an attempt here either. */
function devnetNodes({ url, wsUrl }: DevnetProcess, node2Url: string | null): NodeUrls[] {
  const second = node2Url?.replace(/\/$/, '') ?? `${url}/node/2`;
  return [
    { url, wsUrl },
    { url: second, wsUrl: second.replace('http', 'ws') },
  ];
}

/** Checks an unavailable node with its first answer. @throws {AnotherChain} A node answers for another chain. */
async function requireOneChain({ nodes }: Chain): Promise<void> {
  for (const node of nodes)
    await node.identify().catch((error: unknown) => {
      if (error instanceof AnotherChain) throw error;
    });
}

/** @throws {InvalidConfig} One of the configured pools is not there, or belongs to no known program. */
function requireFound(only: readonly string[], found: readonly string[]): void {
  const missing = only.filter((address) => !found.includes(address));
  if (missing.length > 0)
    throw new InvalidConfig(`POOLS: ${missing.join(', ')} is not a pool of a known program`);
}
