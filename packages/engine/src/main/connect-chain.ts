import { createKeypairSigner } from '../adapters/signers/keypair-signer.ts';
import { loadOrCreateWallet } from '../adapters/signers/wallet-file.ts';
import { createAccountFeed } from '../adapters/solana/account-feed.ts';
import { createSolanaChain } from '../adapters/solana/chain.ts';
import { loadTokenRegistry } from '../adapters/solana/token-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { discoverMeteoraPools } from '../adapters/venues/meteora/discover-pools.ts';
import { meteoraSwapInspector } from '../adapters/venues/meteora/meteora-swap.ts';
import { createMeteoraVenue } from '../adapters/venues/meteora/meteora-venue.ts';
import { discoverRaydiumPools } from '../adapters/venues/raydium/discover-pools.ts';
import { raydiumSwapInspector } from '../adapters/venues/raydium/raydium-swap.ts';
import { createRaydiumVenue } from '../adapters/venues/raydium/raydium-venue.ts';
import type { Config } from '../config/config.ts';
import type { World } from '../execution/world.ts';
import type { Logger } from '../ports/logger.ts';
import { startDevnetProcess } from './devnet-process.ts';
import { fundDevnetWallet } from './fund-wallet.ts';

export interface ConnectedChain {
  readonly parts: Pick<World, 'chain' | 'venues' | 'tokens' | 'signer'>;
  readonly devnetUrl: string;
  close(): Promise<void>;
}

/** The devnet, everything that reads and writes it, and a wallet that is funded there. */
export async function connectChain(options: {
  readonly config: Config;
  readonly log: Logger;
  readonly walletFile: string;
}): Promise<ConnectedChain> {
  const { config, log, walletFile } = options;
  const clock = systemClock;
  const devnet = await startDevnetProcess({
    dataDir: config.DATA_DIR,
    port: config.DEVNET_PORT,
    slotMs: config.DEVNET_SLOT_MS,
    seed: config.DEVNET_SEED,
    market: config.DEVNET_MARKET,
    clock,
    log,
  });
  try {
    const chain = createSolanaChain({ nodes: [devnet.url], wsUrl: devnet.wsUrl, log });
    const feed = createAccountFeed({
      reader: chain.reader,
      onSlot: chain.onSlot,
      clock,
      maxAgeMs: config.DEVNET_SLOT_MS,
    });
    const [raydium, meteora] = await Promise.all([
      discoverRaydiumPools(chain.reader),
      discoverMeteoraPools(chain.reader),
    ]);
    const tokens = await loadTokenRegistry({
      reader: chain.reader,
      mints: [...raydium, ...meteora].flatMap((pool) => pool.mints),
      log,
    });
    const addressesOf = (pools: readonly { readonly address: string }[]) =>
      pools.map(({ address }) => address);
    const venues = await Promise.all([
      createRaydiumVenue({ pools: addressesOf(raydium), feed, tokens, clock, log }),
      createMeteoraVenue({ pools: addressesOf(meteora), feed, tokens, clock, log }),
    ]);

    const wallet = await loadOrCreateWallet(walletFile);
    const signer = createKeypairSigner({
      secretKey: wallet.secretKey,
      inspectors: [raydiumSwapInspector, meteoraSwapInspector],
    });
    const { lamports } = await chain.nodes[0]!.holdings(signer.address);
    if (lamports === 0n) await fundDevnetWallet(devnet.url, signer.address, log);

    return {
      parts: { chain, venues, tokens, signer },
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
