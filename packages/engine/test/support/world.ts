import { isDeepStrictEqual } from 'node:util';
import { orderEvent } from '@oee/api-schema';
import { accountOf, createMemoryChain, type MemoryChain } from '../../src/adapters/memory/chain.ts';
import { createManualClock, type ManualClock } from '../../src/adapters/memory/clock.ts';
import { createMemoryEventBus } from '../../src/adapters/memory/event-bus.ts';
import { createMemoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { type MemoryPool, vaultOf } from '../../src/adapters/memory/pool.ts';
import { createMemoryPriceMarks } from '../../src/adapters/memory/price-marks.ts';
import { createMemorySigner } from '../../src/adapters/memory/signer.ts';
import { createMemoryTokenRegistry } from '../../src/adapters/memory/token-registry.ts';
import { createMemoryVenue } from '../../src/adapters/memory/venue.ts';
import { createMemoryWorkQueue } from '../../src/adapters/memory/work-queue.ts';
import { firstAvailable } from '../../src/adapters/solana/first-available.ts';
import { createSystemRandom } from '../../src/adapters/system/random.ts';
import { ACCOUNT } from '../../src/api/account.ts';
import { parseAmount } from '../../src/domain/amount.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import { isTerminal } from '../../src/domain/order-status.ts';
import { SOL_MINT, type Token, toMint } from '../../src/domain/token.ts';
import type { Engine } from '../../src/execution/engine.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import type { Ports } from '../../src/execution/ports.ts';
import { createEngine, startEngine } from '../../src/execution/start-engine.ts';
import { type SubmitRequest, submitOrder } from '../../src/execution/submit-order.ts';
import { ALL_SHARES } from '../../src/execution/triggers/shares.ts';
import type { Chain, ChainNode } from '../../src/ports/chain.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import type { RecoveryLog } from '../../src/ports/recovery-log.ts';
import type { Scenarios } from '../../src/ports/scenarios.ts';
import type { Signer } from '../../src/ports/signer.ts';
import type { TokenRegistry } from '../../src/ports/token-registry.ts';
import type { Venue } from '../../src/ports/venue.ts';
import { TEST_LIMITS } from './test-limits.ts';
import { createWorldHooks, type WorldHooks } from './world-hooks.ts';
import { createWorldVerbs, type WorldVerbs } from './world-verbs.ts';

export const SOL: Token = { mint: SOL_MINT, symbol: 'SOL', decimals: 9, tokenProgram: 'tokens' };
export const USDC: Token = { mint: toMint('UsdcMint'), symbol: 'USDC', decimals: 6, tokenProgram: 'tokens' };
export const BONK: Token = { mint: toMint('BonkMint'), symbol: 'BONK', decimals: 5, tokenProgram: 'tokens' };
export const WALLET = 'wallet';

export const RAYDIUM_POOL: MemoryPool = {
  venue: 'raydium',
  address: 'ray',
  tokenA: SOL,
  tokenB: USDC,
  feeBps: 25,
};
export const METEORA_POOL: MemoryPool = {
  venue: 'meteora',
  address: 'met',
  tokenA: SOL,
  tokenB: USDC,
  feeBps: 20,
};
export const POOLS = [RAYDIUM_POOL, METEORA_POOL];

/** SOL at 150 USDC in both pools, with the most of it in the first. */
export function fundPools(chain: MemoryChain): void {
  for (const [pool, sol, usdc] of [
    [RAYDIUM_POOL, 50_000_000_000_000n, 7_500_000_000_000n],
    [METEORA_POOL, 40_000_000_000_000n, 6_000_000_000_000n],
  ] as const) {
    chain.setBalance(vaultOf(pool, SOL), sol);
    chain.setBalance(vaultOf(pool, USDC), usdc);
  }
}

/** More than any suite writes. */
const MOST_EVENTS = 1_000_000;

export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface WorldOptions {
  readonly limits?: Partial<ExecutionLimits>;
  /** Pools beside the two for SOL and USDC, with what their vaults hold. */
  readonly pools?: readonly { readonly pool: MemoryPool; readonly reserves: readonly [bigint, bigint] }[];
  readonly venues?: (venues: Venue[], clock: ManualClock, chain: MemoryChain) => Venue[];
  readonly orders?: (clock: ManualClock) => OrderStore;
  readonly recoveries?: Pick<RecoveryLog, 'lost'>;
  readonly log?: Logger;
  /** Around the wallet's. */
  readonly signer?: (signer: Signer) => Signer;
  /** One node that sees everything at once, unless told otherwise. */
  readonly nodes?: (chain: MemoryChain) => ChainNode[];
  readonly scenarios?: Scenarios;
  /** SOL, USDC and BONK, unless told otherwise. */
  readonly tokens?: TokenRegistry;
  /** Micro-lamports that others pay for a compute unit; the chain does not tell without it. */
  readonly recentComputeUnitPrice?: NonNullable<Chain['recentComputeUnitPrice']>;
  /** The chance of every draw; a real one without it. */
  readonly fraction?: number;
}

/** Parts in which another process differs from the world's engine. */
export type ProcessParts = Partial<Ports> & { readonly nodes?: readonly ChainNode[] };

/**
 * The real core over the in-process adapters, with time and blocks moved by hand. Verbs say what happens to it; what no verb
 * says is done with the hooks of a port.
 */
export interface TestWorld extends WorldVerbs {
  readonly engine: Engine;
  readonly chain: MemoryChain;
  readonly clock: ManualClock;
  readonly hooks: WorldHooks;
  /** The engine of another process on the same store and chain, not started, with the signer of the world's engine. */
  anotherProcess(parts?: ProcessParts): Engine;
  /** Submits a market order of 1 SOL for USDC unless told otherwise. */
  submit(request?: Partial<SubmitRequest>): Promise<Order>;
  /** Moves on block by block until the orders are terminal; throws after `maxSlots`. */
  settle(orders: readonly Order[], maxSlots?: number): Promise<void>;
  /** Moves on by blocks of 400 ms. */
  slots(count: number): Promise<void>;
  order(order: Order): Promise<Order>;
  log(order: Order): Promise<readonly OrderEvent[]>;
  statuses(order: Order): Promise<string[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As SIGKILL: nothing is finished, memory is gone, a new process starts on the same store and chain. */
  crash(): Promise<void>;
  /** As SIGKILL, and the new process is not started yet. */
  die(): Promise<void>;
}

export async function createWorld(options: WorldOptions = {}): Promise<TestWorld> {
  const clock = createManualClock();
  const more = options.pools ?? [];
  const pools = [...POOLS, ...more.map(({ pool }) => pool)];
  const chain = createMemoryChain({ pools, blocks: 'manual' });
  for (const { pool, reserves } of more) {
    chain.setBalance(vaultOf(pool, pool.tokenA), reserves[0]);
    chain.setBalance(vaultOf(pool, pool.tokenB), reserves[1]);
  }
  chain.setBalance(accountOf(WALLET, SOL), 1_000_000_000_000n);
  chain.setBalance(accountOf(WALLET, USDC), 1_000_000_000_000n);
  fundPools(chain);
  const hooks = createWorldHooks(clock);
  const plain = ['raydium', 'meteora'].map((name) => createMemoryVenue(name, pools, chain));
  const venues = (options.venues?.(plain, clock, chain) ?? plain).map((venue) =>
    hooks.venue(venue.name).around(venue),
  );
  const orders = options.orders?.(clock) ?? createMemoryOrderStore({ clock });
  const tokens = options.tokens ?? createMemoryTokenRegistry([SOL, USDC, BONK]);
  const log = options.log ?? silentLog;
  const { fraction, recentComputeUnitPrice } = options;
  const random = { ...createSystemRandom(), ...(fraction !== undefined && { fraction: () => fraction }) };
  const marks = createMemoryPriceMarks();
  const bus = hooks.bus.around(createMemoryEventBus());
  const signer = hooks.signer.around(createMemorySigner(WALLET));
  const chainOf = (nodes: readonly ChainNode[]): Chain => {
    const { any, ask } = firstAvailable(nodes, clock);
    return hooks.chain.around({
      ...chain.chain,
      nodes,
      anyNode: any,
      askAny: ask,
      ...(recentComputeUnitPrice && { recentComputeUnitPrice }),
    });
  };
  const hooked = (node: ChainNode): ChainNode => hooks.node(node.name).around(node);

  let engine: Engine;
  let life = { dead: false };
  let stopEngine: (() => Promise<void>) | undefined;
  const boot = (): void => {
    life = { dead: false };
    const nodes = (options.nodes?.(chain) ?? chain.chain.nodes).map((node) => mortal(hooked(node), life));
    const parts: Ports = {
      orders: mortal(hooks.orders.around(orders), life),
      queue: hooks.queue.around(createMemoryWorkQueue({ clock, log, concurrency: 64, startLimit: null })),
      bus,
      chain: chainOf(nodes),
      venues,
      tokens,
      signer: options.signer?.(signer) ?? signer,
      ...(options.scenarios && { scenarios: options.scenarios }),
      clock,
      random,
      log,
      limits: { ...TEST_LIMITS, ...options.limits },
    };
    engine = createEngine(parts, options.recoveries);
  };
  boot();

  const world: TestWorld = {
    ...createWorldVerbs(chain, hooks, { pools: POOLS, priced: USDC, wallet: WALLET }),
    get engine() {
      return engine;
    },
    chain,
    clock,
    hooks,
    anotherProcess: ({ nodes, ...parts } = {}) => ({
      ...createEngine({ ...engine, ...parts, ...(nodes && { chain: chainOf(nodes.map(hooked)) }) }),
      signer: engine.signer,
    }),
    async submit(request) {
      const result = await submitOrder(engine, submitRequest(request));
      if (!('order' in result)) throw new Error(`not accepted: ${JSON.stringify(result)}`);
      return result.order;
    },
    async settle(expected, maxSlots = 1_000) {
      for (let slot = 0; slot < maxSlots; slot += 1) {
        await world.slots(1);
        const now = await Promise.all(expected.map((order) => world.order(order)));
        if (now.every(({ status }) => isTerminal(status))) return;
      }
      const now = await Promise.all(expected.map((order) => world.order(order)));
      throw new Error(`still ${now.map(({ status }) => status).join(', ')} after ${maxSlots} slots`);
    },
    async slots(count) {
      for (let slot = 0; slot < count; slot += 1) {
        await clock.advance(400);
        chain.produceBlock();
        await clock.advance(0);
      }
    },
    async order(order) {
      const now = await orders.get(order.request.orderId);
      if (!now) throw new Error('the order is lost');
      return now;
    },
    log: (order) => orders.events(order.request.orderId, 0, 1_000),
    statuses: async (order) => (await world.log(order)).map(({ type }) => type.slice('order.'.length)),
    async start() {
      const triggers = { accountId: ACCOUNT, shares: ALL_SHARES, marks };
      stopEngine = await startEngine(engine, { soleProcess: true, triggers });
    },
    async stop() {
      const stopped = stopEngine?.();
      await clock.advance(0);
      await stopped;
      stopEngine = undefined;
      for (const { event } of await orders.accountEvents(ACCOUNT, 0, MOST_EVENTS)) requireInContract(event);
    },
    async crash() {
      await world.die();
      await world.start();
    },
    async die() {
      life.dead = true;
      boot();
    },
  };
  return world;
}

/** @throws {Error} The event is not exactly as the contract says. */
export function requireInContract(event: OrderEvent): void {
  if (!isDeepStrictEqual(orderEvent.parse(event), event))
    throw new Error(`an event has fields that the contract lacks: ${JSON.stringify(event)}`);
}

/** A part of a process that can die: afterwards no call of it returns and no answer arrives. */
function mortal<T extends object>(part: T, life: { dead: boolean }): T {
  const never = new Promise<never>(() => {});
  return new Proxy(part, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return async (...input: unknown[]) => {
        if (life.dead) return never;
        const answer: unknown = await value.apply(target, input);
        return life.dead ? never : answer;
      };
    },
  });
}

export function submitRequest(request: Partial<SubmitRequest> = {}): SubmitRequest {
  return {
    accountId: ACCOUNT,
    type: 'market',
    tokenIn: 'SOL',
    tokenOut: 'USDC',
    swapMode: 'exactIn',
    amount: '1',
    slippageBps: 100,
    minAmountOut: null,
    maxAmountIn: null,
    clientOrderId: null,
    idempotencyKey: null,
    fingerprint: JSON.stringify(request),
    ...request,
  };
}

export const units = (text: string, token: Token): bigint => {
  const parsed = parseAmount(text, token.decimals);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.amount;
};
