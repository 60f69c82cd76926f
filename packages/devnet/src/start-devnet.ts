import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DirectoryLock, lockDirectory } from '@oee/directory-lock';
import { BlockProducer } from './block-producer.ts';
import { Chain } from './chain/chain.ts';
import { Faucet } from './chain/faucet.ts';
import { Mempool } from './chain/mempool.ts';
import { PrioritizationFees } from './chain/prioritization-fees.ts';
import { SlotClock } from './chain/slot-clock.ts';
import { type AccountDumps, readDumps } from './dumps/read-dumps.ts';
import { Delivery } from './faults/delivery.ts';
import { Drains } from './faults/drains.ts';
import { Faults } from './faults/faults.ts';
import { Forks } from './faults/forks.ts';
import { createFirstState } from './first-state.ts';
import { createGenesis, type Genesis, type MarketMood } from './genesis.ts';
import { hostAndPort, listen, type Network } from './http/network.ts';
import { SwapGate } from './jupiter/swap-gate.ts';
import { Ledger } from './ledger/ledger.ts';
import { genesisHashOf, type LedgerIdentity, readIdentity, writeIdentity } from './ledger/ledger-identity.ts';
import { keptMarket } from './market/kept-market.ts';
import { Launches } from './market/launch.ts';
import { MarketListing } from './market/listing.ts';
import { createMarket } from './market/market.ts';
import type { DevnetNode } from './node.ts';
import { Contacts } from './rpc/contacts.ts';
import { EncodedTransactions } from './rpc/encoded-transactions.ts';

export interface DevnetOptions {
  /** 0 takes any free port. Default 8899. */
  readonly port?: number;
  /** A port for the second node alone, so that it can be cut off separately; 0 takes any free one. Default none. */
  readonly node2Port?: number;
  /** Default 127.0.0.1. On another address the devnet answers other machines too, also on the admin API. */
  readonly host?: string;
  /** Length of a slot, or `manual`: slots pass on `POST /admin/advance` only. Default 400. */
  readonly slotMs?: number | 'manual';
  /** Seed of the market. Default `devnet`. */
  readonly seed?: string;
  /** Default `calm`. */
  readonly market?: MarketMood;
  /** Dumps of accounts and programs that a new ledger begins with (docs/devnet.md#accounts-of-mainnet). */
  readonly accountsDirectory?: string;
  /** Directory of the chain. Without it the chain is lost at `stop`. */
  readonly ledgerDirectory?: string;
  /** Starts even if the ledger's directory cannot be locked. Then a second process could use it too. */
  readonly allowUnlocked?: boolean;
  /** Number of blocks after which a block is final. Default 32. */
  readonly finalizedDepth?: number;
  /** Landed transactions kept for `getTransaction`; older ones are deleted segment by segment. Default 200,000. */
  readonly maxTransactions?: number;
  /** Transactions between snapshots: more make a start after a crash longer. Default 2,000. */
  readonly transactionsPerSegment?: number;
  /** Requests per minute that the swap API allows one client; 0 for no limit, which is the default. */
  readonly swapRequestsPerMinute?: number;
  /** The only `x-api-key` that the swap API accepts; absent: any key. */
  readonly swapApiKey?: string;
  /** Names a new ledger, in place of a random name: the same name, seed and market give the same chain. */
  readonly ledgerId?: string;
  /** When a new ledger's chain time begins, milliseconds since 1970. Default now; of a named ledger, 2026. */
  readonly createdAtMs?: number;
  readonly onWarning?: (message: string) => void;
  /** Called when the journal cannot be written, say on a full disk: the devnet has stopped and must start anew. */
  readonly onFailure?: (error: Error) => void;
}

export interface NodeAddress {
  readonly url: string;
  readonly wsUrl: string;
}

export interface Devnet extends NodeAddress {
  /** The address of each node, the first node first. */
  readonly nodes: readonly NodeAddress[];
  readonly genesisHash: string;
  /** The newest slot with a block. */
  readonly slot: number;
  /** Stops slots and connections and writes the ledger. May be called again. */
  stop(): Promise<void>;
}

const MANUAL_SLOT_MS = 400;
/** 2026-01-01 UTC. A reproducible chain cannot begin at the current time. */
const NAMED_LEDGER_MS = 1_767_225_600_000;

/**
 * Starts a local Solana in this process.
 *
 * @throws Where the port is taken, the ledger is in use (`DirectoryLocked`) or belongs to another seed or market.
 */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const { ledgerDirectory, allowUnlocked = false } = options;
  const directory = ledgerDirectory ?? mkdtempSync(join(tmpdir(), 'devnet-ledger-'));
  const lock = ledgerDirectory === undefined ? null : lockDirectory(directory, { allowUnlocked });
  const cleanUp = () => {
    if (lock) lock.release();
    else rmSync(directory, { recursive: true, force: true });
  };
  try {
    return await start(options, { directory, lock, cleanUp });
  } catch (error) {
    cleanUp();
    throw error;
  }
}

async function start(
  options: DevnetOptions,
  { directory, lock, cleanUp }: { directory: string; lock: DirectoryLock | null; cleanUp: () => void },
): Promise<Devnet> {
  const { seed = 'devnet', market: mood = 'calm', host = '127.0.0.1', port = 8899 } = options;
  const onWarning = options.onWarning ?? ((message: string) => process.stderr.write(`devnet: ${message}\n`));
  const isManual = options.slotMs === 'manual';
  const slotMs = typeof options.slotMs === 'number' ? options.slotMs : MANUAL_SLOT_MS;
  const dumps = options.accountsDirectory === undefined ? undefined : readDumps(options.accountsDirectory);
  const genesis = await createGenesis({ seed, mood, ...(dumps && { dumps }) });
  const faucet = new Faucet(seed);
  const identity = openIdentity({ options, directory, seed, mood, dumps, slotMs, genesis, faucet });
  const limits = {
    maxTransactions: options.maxTransactions ?? 200_000,
    transactionsPerSegment: options.transactionsPerSegment ?? 2_000,
  };
  const { ledger, chain } = Ledger.open({ directory, lock, limits }, (journal, vm, state) => {
    const genesisHash = genesisHashOf(identity);
    return new Chain({ genesisHash, vm, journal, state, finalizedDepth: options.finalizedDepth ?? 32 });
  });
  if (chain.slotMs !== slotMs) {
    chain.changeSlotMs(slotMs);
    ledger.snapshot(chain); // A start replays empty slots with the snapshot's slot length.
  }
  const onBroken = (error: Error) => {
    void devnet.stop();
    options.onFailure?.(error);
  };
  const swapGate = new SwapGate({
    requestsPerMinute: options.swapRequestsPerMinute ?? 0,
    apiKey: options.swapApiKey,
  });
  const kept = keptMarket(genesis, (address) => chain.accounts.read(address) !== null);
  const parts = { chain, ledger, faucet, genesis: kept, directory, seed, mood, swapGate, onBroken };
  const node = assembleNode(parts);
  const { node2Port } = options;
  const ports = { port, ...(node2Port !== undefined && { node2Port }) };
  const network = await listen(node, { host, ...ports, onWarning }).catch((error: Error) => {
    ledger.close();
    throw error;
  });
  const clock = new SlotClock({
    slotMs,
    produceSlot: () => node.producer.produceSlot(),
    onError: (error) => onWarning(`a slot failed: ${(error as Error).stack}`),
  });
  const devnet = toDevnet({ node, network, clock, host, cleanUp });
  if (!isManual) clock.start();
  return devnet;
}

/** The identity of the directory's chain; a new one, with the chain's beginning, where there is none. */
function openIdentity(parts: {
  options: DevnetOptions;
  directory: string;
  seed: string;
  mood: MarketMood;
  dumps: AccountDumps | undefined;
  slotMs: number;
  genesis: Genesis;
  faucet: Faucet;
}): LedgerIdentity {
  const { options, directory, seed, mood, dumps, slotMs, genesis, faucet } = parts;
  const found = readIdentity(directory);
  if (found !== null) {
    if (found.accounts !== dumps?.hash) {
      throw new Error(
        `The ledger ${directory} was begun with ${found.accounts ? 'other' : 'no'} --accounts. ` +
          'Start with those it had, or choose another directory.',
      );
    }
    if (found.seed === seed && found.market === mood) return found;
    throw new Error(
      `The ledger ${directory} has seed ${found.seed} and market ${found.market}, not ${seed} and ${mood}. ` +
        'Start with those, or choose another directory.',
    );
  }
  const identity: LedgerIdentity = {
    version: 1,
    ledgerId: options.ledgerId ?? randomUUID(),
    seed,
    market: mood,
    ...(dumps && { accounts: dumps.hash }),
    createdAtMs: options.createdAtMs ?? (options.ledgerId === undefined ? nowMs() : NAMED_LEDGER_MS),
  };
  const { vm, state } = createFirstState({ identity, slotMs, genesis, faucet });
  Ledger.create(directory, vm, state);
  writeIdentity(directory, identity);
  return identity;
}

const nowMs = () => Math.floor(Date.now() / 1000) * 1000;

function assembleNode(parts: {
  chain: Chain;
  ledger: Ledger;
  faucet: Faucet;
  genesis: Genesis;
  directory: string;
  seed: string;
  mood: MarketMood;
  swapGate: SwapGate;
  onBroken: (error: Error) => void;
}): DevnetNode {
  const { chain, ledger, faucet, genesis, directory, seed, mood, swapGate, onBroken } = parts;
  const mempool = new Mempool();
  const market = mood === 'none' ? null : createMarket({ seed, mood, genesis });
  const faults = new Faults(chain);
  const delivery = new Delivery({ chain, mempool, faults });
  const forks = new Forks({ chain, ledger, mempool, faults });
  const listing = new MarketListing({ chain, genesis, mood, directory });
  const launches = new Launches({ chain, listing, seed });
  const drains = new Drains({ chain, listing, faults, seed });
  const producer = new BlockProducer({
    chain,
    ledger,
    mempool,
    market,
    faults,
    delivery,
    forks,
    drains,
    onBroken,
  });
  const prioritizationFees = new PrioritizationFees();
  chain.onBlock(({ block }) => prioritizationFees.note(block, faults.congestion.priceAt(block.slot)));
  return {
    chain,
    ledger,
    mempool,
    producer,
    faucet,
    faults,
    delivery,
    forks,
    prioritizationFees,
    listing,
    launches,
    swapGate,
    contacts: new Contacts(chain.genesisHash),
    encodedTransactions: new EncodedTransactions(),
  };
}

function toDevnet(parts: {
  node: DevnetNode;
  network: Network;
  clock: SlotClock;
  host: string;
  cleanUp: () => void;
}): Devnet {
  const { node, network, clock, host, cleanUp } = parts;
  const nodes = nodeAddresses(host, network);
  let stopping: Promise<void> | null = null;
  const stop = async () => {
    await network.close();
    await clock.stop();
    await node.producer.idle();
    try {
      if (!node.chain.isBroken) node.ledger.snapshot(node.chain);
    } finally {
      node.ledger.close();
      cleanUp();
    }
  };
  return {
    ...nodes[0]!,
    nodes,
    genesisHash: node.chain.genesisHash,
    get slot() {
      return node.chain.history.tip.slot;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** The second node answers at a path of the first node's port, or on a separate port. */
function nodeAddresses(host: string, { port, node2Port }: Network): readonly NodeAddress[] {
  const first = hostAndPort(host, port);
  const second = node2Port === null ? `${first}/node/2` : hostAndPort(host, node2Port);
  return [first, second].map((address) => ({ url: `http://${address}`, wsUrl: `ws://${address}` }));
}
