import { accountOf, type MemoryChain, type SendFault } from '../../src/adapters/memory/chain.ts';
import { decodeMessage, splitTransaction } from '../../src/adapters/memory/message.ts';
import { type MemoryPool, vaultOf } from '../../src/adapters/memory/pool.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Token } from '../../src/domain/token.ts';
import { ChainUnavailable } from '../../src/ports/chain.ts';
import { VenueUnavailable } from '../../src/ports/venue.ts';
import type { WorldHooks } from './world-hooks.ts';

/** For example `0.5 %`: up to two decimals. */
type Percent = `${number} %`;

/** A transaction that reached the chain's nodes, whatever became of it. Its order is the one that its memo names. */
export interface Sent {
  readonly orderId: string;
  readonly memo: string;
  readonly signature: string;
  readonly bytes: Uint8Array;
}

/** What happens to a test world, in the words of those who trade and operate there. `times` counts calls; all of them without it. */
export interface WorldVerbs {
  /** The pools of SOL and USDC, or the named one, give so much less USDC for SOL. */
  priceFalls(percent: Percent, pool?: MemoryPool): void;
  priceRises(percent: Percent, pool?: MemoryPool): void;
  /** Puts the pools that moved back to what they held before. */
  priceRecovers(): void;
  /** A pool holds so much less of the token. */
  drains(pool: MemoryPool, token: Token, percent: Percent): void;
  /** A pool holds so much more of the token, as when others have sold it there. */
  fills(pool: MemoryPool, token: Token, percent: Percent): void;
  /** Sets what a pool holds, base units. */
  poolHolds(pool: MemoryPool, token: Token, amount: bigint): void;
  /** Sets what the wallet holds, base units. */
  walletHolds(token: Token, amount: bigint): void;
  /** No node can be reached, or not the named one. */
  cutsOff(node?: string): void;
  reconnects(node?: string): void;
  /** Nodes acknowledge what they are sent and then lose it. */
  losesSends(times?: number): void;
  /** Nodes take what they are sent and answer with an error. */
  losesTheAnswerOfSend(times?: number): void;
  /** Nodes take whatever they are sent, or decide about each. */
  takesSends(fate?: (sent: Sent) => SendFault): void;
  /** Every send that reached the chain so far, in order. */
  readonly sends: readonly Sent[];
  /** Signatures of what was sent for an order, each once. */
  signaturesOf(order: Order): ReadonlySet<string>;
  /** Swaps of an order that landed, by the chain. */
  swapsOf(order: Order): number;
  /** A venue shows neither offers nor pools. */
  venueStops(name: string): void;
  venueReturns(name: string): void;
  /** Publications reach no one. */
  busDrops(times?: number): void;
  busDelivers(): void;
}

export interface Market {
  readonly pools: readonly MemoryPool[];
  /** The token whose amount in a pool is the price. */
  readonly priced: Token;
  /** The account that pays. */
  readonly wallet: string;
}

export function createWorldVerbs(chain: MemoryChain, hooks: WorldHooks, market: Market): WorldVerbs {
  const { priceMoves, ...moves } = createMarketMoves(chain, market);
  return {
    ...moves,
    ...createSends(chain),
    poolHolds: (pool, token, amount) => chain.setBalance(vaultOf(pool, token), amount),
    walletHolds: (token, amount) => chain.setBalance(accountOf(market.wallet, token), amount),
    priceFalls: (percent, pool) => priceMoves(-bpsOf(percent), pool),
    priceRises: (percent, pool) => priceMoves(bpsOf(percent), pool),
    cutsOff(node) {
      if (node === undefined) chain.faults.down = true;
      else hooks.node(node).cutOff(new ChainUnavailable(`${node} is cut off`));
    },
    reconnects(node) {
      if (node === undefined) chain.faults.down = false;
      else hooks.node(node).heal();
    },
    venueStops(name) {
      const away = new VenueUnavailable(`${name} does not answer`);
      for (const method of ['quote', 'market'] as const) hooks.venue(name).fail(method, away);
    },
    venueReturns: (name) => hooks.venue(name).heal(),
    busDrops: (times) => hooks.bus.drop('publish', times === undefined ? {} : { times }),
    busDelivers: () => hooks.bus.heal('publish'),
  };
}

/** The vaults of pools, as trades of others change them. */
function createMarketMoves(chain: MemoryChain, { pools, priced }: Market) {
  const before = new Map<string, bigint>();

  function move(pool: MemoryPool, token: Token, bps: bigint): void {
    const vault = vaultOf(pool, token);
    const held = chain.balanceOf(vault);
    if (!before.has(vault)) before.set(vault, held);
    chain.setBalance(vault, (held * (10_000n + bps)) / 10_000n);
  }

  return {
    priceMoves(bps: bigint, pool?: MemoryPool): void {
      for (const one of pool ? [pool] : pools) move(one, priced, bps);
    },
    drains: (pool: MemoryPool, token: Token, percent: Percent) => move(pool, token, -bpsOf(percent)),
    fills: (pool: MemoryPool, token: Token, percent: Percent) => move(pool, token, bpsOf(percent)),
    priceRecovers(): void {
      for (const [vault, held] of before) chain.setBalance(vault, held);
      before.clear();
    },
  };
}

/** @throws {Error} It has more than two decimals. */
function bpsOf(percent: Percent): bigint {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,2}))? %$/.exec(percent) ?? [];
  if (whole === undefined) throw new Error(`${percent} is not a percentage of at most two decimals`);
  return BigInt(whole + fraction.padEnd(2, '0'));
}

function readSent(bytes: Uint8Array): Sent {
  const { signature, message } = splitTransaction(bytes);
  const { memo } = decodeMessage(message);
  return { orderId: memo.split('/')[0]!, memo, signature, bytes };
}

/** What the chain's nodes are sent, and what becomes of it. */
function createSends(chain: MemoryChain) {
  const sends: Sent[] = [];
  let fateOf: (sent: Sent) => SendFault = () => 'deliver';

  chain.faults.send = (bytes) => {
    const sent = readSent(bytes);
    sends.push(sent);
    return fateOf(sent);
  };
  const next = (fate: SendFault, times = Number.POSITIVE_INFINITY): void => {
    let left = times;
    fateOf = () => {
      left -= 1;
      return left >= 0 ? fate : 'deliver';
    };
  };
  return {
    sends,
    signaturesOf: ({ request }: Order) =>
      new Set(sends.filter(({ orderId }) => orderId === request.orderId).map(({ signature }) => signature)),
    swapsOf: ({ request }: Order) =>
      chain
        .landed()
        .filter(({ execution }) => !execution.error)
        .map(({ execution }) => readSent(chain.bytesOf(execution.signature)!))
        .filter(({ orderId }) => orderId === request.orderId).length,
    losesSends: (times?: number) => next('drop', times),
    losesTheAnswerOfSend: (times?: number) => next('deliverButFail', times),
    takesSends(fate: (sent: Sent) => SendFault = () => 'deliver') {
      fateOf = fate;
    },
  };
}
