import { createKeylessSigner } from '../adapters/signers/keyless-signer.ts';
import { createKeypairSigner } from '../adapters/signers/keypair-signer.ts';
import { createSolanaChain, type NodeUrls } from '../adapters/solana/chain.ts';
import { createDevnetScenarios } from '../adapters/solana/devnet-scenarios.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createHttpClient } from '../adapters/system/http-client.ts';
import { jupiterErrors } from '../adapters/venues/jupiter/jupiter-errors.ts';
import { jupiterSwapInspector } from '../adapters/venues/jupiter/jupiter-swap.ts';
import type { Config } from '../config/config.ts';
import { AnotherChain, type Chain } from '../ports/chain.ts';
import type { Logger } from '../ports/logger.ts';
import type { Signer } from '../ports/signer.ts';
import type { ConnectedChain, ConnectOptions, FoundWallet } from './connected-chain.ts';
import { fundDevnetWallet, readDevnetLookupTables } from './devnet-admin.ts';
import { attachToDevnet, type DevnetProcess, startDevnetProcess } from './devnet-process.ts';
import { openReadings, type Readings } from './open-readings.ts';
import { openVenues } from './open-venues.ts';
import { POOL_PROGRAM_ERRORS, POOL_SWAP_INSPECTORS } from './pool-venues.ts';

const SWAP_INSPECTORS = [...POOL_SWAP_INSPECTORS, jupiterSwapInspector];

/** The devnet, everything that reads and writes it, and a wallet: one that signs is funded there. */
export async function connectDevnet({ config, log, walletOn }: ConnectOptions): Promise<ConnectedChain> {
  const devnet = await openDevnet(config, log);
  try {
    const { genesisHash } = devnet;
    const http = createHttpClient();
    const chain = createSolanaChain({
      http,
      nodes: devnetNodes(devnet, config.DEVNET_NODE_2_URL),
      genesisHash,
      log,
      programErrors: [...POOL_PROGRAM_ERRORS, jupiterErrors],
    });
    await requireOneChain(chain);
    const readings = openReadings(chain, config, log);
    const { time, feed, tokens } = readings;
    const lookupTables = await readings.lookupTables.read(await readDevnetLookupTables(devnet.url));
    const wallet = await walletOn(genesisHash);
    devnet.remember();
    const signer = signerOf(wallet, config, readings);
    const { lamports } = await chain.anyNode.holdings(signer.address);
    if ('secretKey' in wallet && lamports === 0n) await fundDevnetWallet(devnet.url, signer.address, log);
    const venues = await openVenues({
      config,
      http,
      chain,
      readings,
      lookupTables,
      inspectors: SWAP_INSPECTORS,
      wallet: signer.address,
      jupiterUrl: config.JUPITER_URL ?? `${devnet.url}/swap/v2`,
      log,
    });

    return {
      parts: { chain, time, venues, tokens, signer, scenarios: createDevnetScenarios(devnet.url) },
      rpcUrl: devnet.url,
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

/** One that signs where the key is here, otherwise one that knows the address alone. */
function signerOf(wallet: FoundWallet, config: Config, { lookupTables }: Readings): Signer {
  if (!('secretKey' in wallet)) return createKeylessSigner(wallet.address);
  return createKeypairSigner({
    secretKey: wallet.secretKey,
    inspectors: SWAP_INSPECTORS,
    executionSecret: config.EXECUTION_SECRET,
    lookupTables,
  });
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
