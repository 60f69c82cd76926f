import { type Devnet, startDevnet } from '@oee/devnet';
import { createMemoryEventBus } from '../../src/adapters/memory/event-bus.ts';
import { createMemoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { createMemoryPriceMarks } from '../../src/adapters/memory/price-marks.ts';
import { createMemoryWorkQueue } from '../../src/adapters/memory/work-queue.ts';
import { generateSecretKey } from '../../src/adapters/signers/ed25519-key.ts';
import { createKeypairSigner } from '../../src/adapters/signers/keypair-signer.ts';
import { createAccountFeed } from '../../src/adapters/solana/account-feed.ts';
import { createSolanaChain } from '../../src/adapters/solana/chain.ts';
import { createDevnetScenarios } from '../../src/adapters/solana/devnet-scenarios.ts';
import { createLookupTables } from '../../src/adapters/solana/lookup-tables.ts';
import { createTokenRegistry } from '../../src/adapters/solana/token-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { createHttpClient } from '../../src/adapters/system/http-client.ts';
import { createSystemRandom } from '../../src/adapters/system/random.ts';
import { jupiterSwapInspector } from '../../src/adapters/venues/jupiter/jupiter-swap.ts';
import { createJupiterVenue } from '../../src/adapters/venues/jupiter/jupiter-venue.ts';
import { ACCOUNT } from '../../src/api/account.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Engine } from '../../src/execution/engine.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import { createEngine, startEngine } from '../../src/execution/start-engine.ts';
import { submitOrder } from '../../src/execution/submit-order.ts';
import { ALL_SHARES } from '../../src/execution/triggers/shares.ts';
import { createTrySwap } from '../../src/main/create-try-swap.ts';
import { readDevnetLookupTables } from '../../src/main/devnet-admin.ts';
import { createPoolVenues, POOL_PROGRAM_ERRORS, POOL_SWAP_INSPECTORS } from '../../src/main/pool-venues.ts';
import { ChainUnavailable } from '../../src/ports/chain.ts';
import type { Venue } from '../../src/ports/venue.ts';
import { offeringOnly } from './odd-venue.ts';
import { TEST_LIMITS } from './test-limits.ts';
import { watchChain } from './watched-chain.ts';
import { silentLog, submitRequest } from './world.ts';

/** The real core and the real Solana adapters on a local chain in this process that stands still until told to go. */
export interface DevnetWorld {
  readonly engine: Engine;
  readonly devnet: Devnet;
  /** Mint of `options.launch`. */
  readonly launchedMint: string | undefined;
  submit(request?: Parameters<typeof submitRequest>[0]): Promise<Order>;
  order(order: Order): Promise<Order>;
  statuses(order: Order): Promise<string[]>;
  /** Waits, without a slot passing, until the order has this status; with `submitted`, until the nodes have its bytes as well. */
  until(order: Order, status: Order['status']): Promise<void>;
  /** Lets slots pass, and waits until the engine has looked at every transaction that it watches. */
  advance(slots: number): Promise<void>;
  /** Lets slots pass, ten at a time, until the order has this status. */
  advanceUntil(order: Order, status: Order['status']): Promise<void>;
  admin(path: string, body?: object, method?: string): Promise<unknown>;
  stop(): Promise<void>;
}

const OBSERVE_MS = 20;
const LAMPORTS_OF_WALLET = '5000000000000000';

/**
 * @param options.jupiterAt Adds Jupiter, at an address made from the devnet's own.
 * @param options.meteora   Adds Meteora's pools and routes over several, with the market's lookup tables or without.
 */
export async function createDevnetWorld(
  seed: string,
  options: {
    readonly jupiterAt?: (devnetUrl: string) => string;
    readonly meteora?: { readonly lookupTables: boolean };
    /** Raydium alone where left out, and Meteora's DAMM v2 with `meteora`. */
    readonly venues?: readonly string[];
    /** Kinds of pools that the venues offer; every kind without it. May change between orders. */
    readonly offered?: () => readonly string[];
    readonly limits?: Partial<ExecutionLimits>;
    readonly rpcTimeoutMs?: number;
    /** Another way to the first node, its slots included. */
    readonly firstNodeAt?: (devnetUrl: string) => Promise<string>;
    readonly accountsDirectory?: string;
    /** Launched before the engine looks for pools. */
    readonly launch?: object;
  } = {},
): Promise<DevnetWorld> {
  const { accountsDirectory } = options;
  const devnet = await startDevnet({
    port: 0,
    slotMs: 'manual',
    market: 'none',
    seed,
    ...(accountsDirectory && { accountsDirectory }),
  });
  const launched = options.launch && ((await admin('launch', options.launch)) as { mint: string });
  const clock = systemClock;
  const log = silentLog;
  const firstNode = await options.firstNodeAt?.(devnet.url);
  const http = createHttpClient();
  const solana = createSolanaChain({
    http,
    nodes: [
      firstNode ? { url: firstNode, wsUrl: firstNode.replace('http', 'ws') } : devnet,
      devnet.nodes[1]!,
    ],
    genesisHash: devnet.genesisHash,
    log,
    programErrors: POOL_PROGRAM_ERRORS,
    timeoutMs: options.rpcTimeoutMs ?? 5_000,
  });
  const traffic = watchChain(solana);
  const { chain } = traffic;
  const { reader } = solana;
  const tokens = createTokenRegistry({ readers: [reader], log });
  const feed = createAccountFeed({ reader, onSlot: chain.onSlot, clock, slotMs: 0.5 });
  const tables = createLookupTables([reader], clock);
  const marketTables = options.meteora?.lookupTables
    ? await tables.read(await readDevnetLookupTables(devnet.url))
    : [];
  const wanted = options.venues ?? (options.meteora ? ['raydium', 'meteora'] : ['raydium']);
  const inspectors = [...POOL_SWAP_INSPECTORS, jupiterSwapInspector];
  const signer = createKeypairSigner({
    secretKey: generateSecretKey(),
    inspectors,
    lookupTables: tables,
  });
  await admin('fund', { owner: signer.address, lamports: LAMPORTS_OF_WALLET });
  const parts = { reader, feed, tokens, lookupTables: marketTables, clock, log };
  const trySwap = createTrySwap(chain, signer.address);
  const venues = createPoolVenues({ ...parts, trySwap }).filter(({ name }) => wanted.includes(name));
  await Promise.all(venues.map((venue) => discovered(venue)));
  const { offered } = options;
  const offering = offered ? venues.map((venue) => offeringOnly(venue, offered)) : venues;
  const url = options.jupiterAt?.(devnet.url);
  const asked = { http, taker: signer.address, apiKey: null, feed, tokens, inspectors, clock };
  const jupiter = url === undefined ? [] : [createJupiterVenue({ ...asked, url })];
  const engine = createEngine({
    orders: createMemoryOrderStore({ clock }),
    queue: createMemoryWorkQueue({ clock, log, concurrency: 8, startLimit: null }),
    bus: createMemoryEventBus(),
    chain,
    venues: [...offering, ...jupiter],
    tokens,
    signer,
    scenarios: createDevnetScenarios(devnet.url),
    clock,
    random: createSystemRandom(),
    log,
    limits: {
      ...TEST_LIMITS,
      ...{
        backoffMs: [20],
        observeMs: OBSERVE_MS,
        resendMs: OBSERVE_MS,
        quoteTimeoutMs: 5_000,
        lateNodeMs: 500,
      },
      maxLegs: options.meteora ? TEST_LIMITS.maxLegs : 1,
      ...options.limits,
    },
  });

  async function admin(path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<unknown> {
    const response = await fetch(`${devnet.url}/admin/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(await response.text());
    const answer: unknown = await response.json().catch(() => null);
    if (path === 'advance') await tellTime();
    return answer;
  }

  /**
   * Time does not allow what this world does in a moment, so the engine would believe it after some seconds only: three
   * rounds of what both nodes say.
   */
  async function tellTime(): Promise<void> {
    const { slot, blockHeight } = (await admin('status')) as { slot: number; blockHeight: number };
    const { slots, horizons } = engine.market.time;
    const horizon = BigInt(blockHeight) + 150n;
    for (let round = 0; round < 3; round += 1) {
      slots.judge([BigInt(slot), BigInt(slot)], clock.moment());
      horizons.judge([horizon, horizon], clock.moment());
    }
  }

  async function order({ request }: Order): Promise<Order> {
    const now = await engine.orders.get(request.orderId);
    if (!now) throw new Error('the order is lost');
    return now;
  }

  /**
   * The engine lives by the clock and the chain by this call. It lets no more slots pass before every loop of the engine has
   * had its turn and its calls are answered, so that a slow machine sees the same story as a fast one.
   */
  async function advance(slots: number): Promise<void> {
    await admin('advance', { slots });
    const looks = (): [number, number] => [
      traffic.begun('signatureStatuses'),
      traffic.begun('finalizedEpoch'),
    ];
    const before = looks();
    // When its second look begins, the engine has done what follows from the first.
    const hasSeen = (): boolean => {
      const [statuses, epochs] = looks();
      const { open, landed } = engine.observer.counts();
      return open > 0 ? statuses > before[0] + 1 : landed === 0 || epochs > before[1] + 1;
    };
    const deadline = Date.now() + 2_000;
    do await clock.sleep(OBSERVE_MS / 2 + 3);
    while (!hasSeen() && Date.now() < deadline);
    await traffic.quiet();
  }

  async function untilStatus(one: Order, status: Order['status'], between: () => Promise<unknown>) {
    const deadline = Date.now() + 100_000; // Never the judge of a test; its own time limit comes first.
    while ((await order(one)).status !== status) {
      if (Date.now() > deadline) throw new Error(`still ${(await order(one)).status}, not ${status}`);
      await between();
    }
  }

  /** The bytes are sent after the status is written: slots that pass in between may expire them, or what they offer. */
  async function untilSent(one: Order): Promise<void> {
    const isFollowed = (): boolean =>
      engine.observer.openOrders().some((open) => open?.request.orderId === one.request.orderId);
    while (!isFollowed() && (await order(one)).status === 'submitted') await clock.sleep(1);
    await traffic.quiet();
  }

  await admin('advance', { slots: 40 }); // A proof of absence needs history back to before the signing.
  const triggers = { accountId: ACCOUNT, shares: ALL_SHARES, marks: createMemoryPriceMarks() };
  const stopEngine = await startEngine(engine, { soleProcess: true, triggers });
  return {
    engine,
    devnet,
    launchedMint: launched?.mint,
    admin,
    order,
    async submit(request) {
      const result = await submitOrder(engine, submitRequest(request));
      if (!('order' in result)) throw new Error(`not accepted: ${JSON.stringify(result)}`);
      return result.order;
    },
    statuses: async ({ request }) =>
      (await engine.orders.events(request.orderId, 0, 1_000)).map(({ type }) => type.slice('order.'.length)),
    async until(one, status) {
      await untilStatus(one, status, () => clock.sleep(5));
      if (status === 'submitted') await untilSent(one);
    },
    advanceUntil: (one, status) => untilStatus(one, status, () => advance(10)),
    advance,
    async stop() {
      await stopEngine();
      feed.close();
      solana.close();
      await devnet.stop();
    },
  };
}

/** On a busy machine the chain may need longer for all pools of a program than a test's nodes are given for an answer. */
async function discovered(venue: Pick<Required<Venue>, 'discover'>): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      await venue.discover();
      return;
    } catch (error) {
      if (!(error instanceof ChainUnavailable) || round === 20) throw error;
    }
  }
}
