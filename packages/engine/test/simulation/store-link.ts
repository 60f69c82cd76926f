import type { OrderId } from '../../src/domain/order.ts';
import type { LeaderLease } from '../../src/ports/leader-lease.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import type { PriceMarks } from '../../src/ports/price-marks.ts';
import type { ProcessShares } from '../../src/ports/process-shares.ts';
import { deliver, type Life, type Simulated } from './simulated.ts';

/** Until when no process can reach the store. */
export interface Outage {
  untilMs: number;
}

/** The connection of one process to the store: late, broken, or answering with an error after it committed. */
export interface StoreLink {
  /** Changes of one order arrive in the order in which they were sent, as they do on one connection. */
  write<T>(orderId: OrderId | null, what: string, effect: () => Promise<T>): Promise<T>;
  /** Shows the store as it was at some moment before the answer arrives. */
  read<T>(effect: () => Promise<T>): Promise<T>;
}

export function connectStore(
  { checker, store, verify, count }: Simulated,
  { read, write }: StoreLink,
): OrderStore {
  return {
    submit: (order, events, keys) => {
      const { orderId } = order.request;
      return write(orderId, `submit ${orderId}`, () => store.submit(order, events, keys));
    },
    known: (order, keys) => read(() => store.known(order, keys)),
    get: (orderId) => read(() => store.get(orderId)),
    list: (filter) => read(() => store.list(filter)),
    events: (orderId, after, limit) => read(() => store.events(orderId, after, limit)),
    attempts: (orderId) => read(() => store.attempts(orderId)),
    claim: (orderId, leaseMs) =>
      write(orderId, `claim ${orderId}`, async () => {
        const outcome = await store.claim(orderId, leaseMs);
        verify(() => checker.leases.claimed(orderId, leaseMs, outcome));
        return outcome;
      }),
    transition: (change) => {
      const { orderId } = change.order.request;
      const types = change.events.map(({ type }) => type.slice('order.'.length)).join('+');
      return write(orderId, `commit ${types} of ${orderId}`, async () => {
        const outcome = await store.transition(change);
        verify(() => checker.leases.changed(change, outcome));
        return outcome;
      });
    },
    release: (orderId, fence, wakeAfterMs) =>
      write(orderId, `release ${orderId}`, async () => {
        checker.leases.released(orderId, fence);
        await store.release(orderId, fence, wakeAfterMs);
      }),
    renewLeases: (claims, leaseMs) =>
      write(null, `renew ${claims.length} leases`, async () => {
        for (const { orderId, fence } of claims) checker.leases.renewed(orderId, fence, leaseMs);
        await store.renewLeases(claims, leaseMs);
      }),
    openOrders: (after, limit) => read(() => store.openOrders(after, limit)),
    restingChanges: (account, after, limit) => read(() => store.restingChanges(account, after, limit)),
    dueOrders: (limit) => read(() => store.dueOrders(limit)),
    unfinalizedAttempts: (limit) => read(() => store.unfinalizedAttempts(limit)),
    receiptsToBlock: (orderIds) => read(() => store.receiptsToBlock(orderIds)),
    recordBlocker: (orderId, blocker, replaces) =>
      write(orderId, `block ${orderId}`, async () => {
        const isRecorded = await store.recordBlocker(orderId, blocker, replaces);
        if (isRecorded) checker.receipts.recorded(orderId, blocker);
        if (isRecorded) count('blocker recorded');
        return isRecorded;
      }),
    claimReceiptsToClose: (which) =>
      write(null, 'claim receipts to close', () => store.claimReceiptsToClose(which)),
    forgetReceipts: (orderIds) =>
      write(null, 'forget receipts', () => {
        verify(() => checker.receipts.forgotten(orderIds));
        for (const _ of orderIds) count('receipt forgotten');
        return store.forgetReceipts(orderIds);
      }),
    accountEvents: (accountId, after, limit) => read(() => store.accountEvents(accountId, after, limit)),
    accountPosition: (accountId) => read(() => store.accountPosition(accountId)),
    departedPosition: (accountId) => read(() => store.departedPosition(accountId)),
    hasDeparted: (orderId) => read(() => store.hasDeparted(orderId)),
    unfinishedOrders: (after, limit) => read(() => store.unfinishedOrders(after, limit)),
    newestFinalized: (limit) => read(() => store.newestFinalized(limit)),
    missingAttempts: (listed) => read(() => store.missingAttempts(listed)),
    newestSigningSlot: (beforeMs) => read(() => store.newestSigningSlot(beforeMs)),
    voidLeases: () =>
      write(null, 'void leases', async () => {
        checker.leases.voided();
        await store.voidLeases();
      }),
    ping: () => read(() => store.ping()),
    close: async () => {},
  };
}

/**
 * The highest prices that trailing stops have seen. What a process was told of them when it started, it may not write lower again for
 * an order that rests since before, and has not fired.
 */
export function connectMarks({ marks, checker, verify }: Simulated, { read, write }: StoreLink): PriceMarks {
  let told = new Map<string, unknown>();
  return {
    all: () =>
      read(() => marks.all()).then((all) => {
        told = new Map(all);
        return all;
      }),
    write: (name, written) =>
      write(null, 'keep the highest prices', () => {
        verify(() => checker.triggers.marksWritten(name, told.get(name), written));
        return marks.write(name, written);
      }),
  };
}

export function connectShares({ shares }: Simulated, { write }: StoreLink): ProcessShares {
  return {
    renew: (holder, leaseMs) => write(null, 'share the pairs', () => shares.renew(holder, leaseMs)),
    release: (holder) => write(null, 'leave the pairs', () => shares.release(holder)),
  };
}

/** Which process leads is decided beside the orders, through the same line. */
export function connectLease({ lease }: Simulated, { write }: StoreLink): LeaderLease {
  return {
    acquire: (holder, leaseMs) => write(null, 'ask for the lead', () => lease.acquire(holder, leaseMs)),
    release: (holder) => write(null, 'let go of the lead', () => lease.release(holder)),
  };
}

export function openStoreLink(sim: Simulated, life: Life, outage: Outage): StoreLink {
  const { chance, scheduler, checker, timeline, setup } = sim;
  const lastArrivalMs = new Map<OrderId, number>();
  return { read, write };

  function write<T>(orderId: OrderId | null, what: string, effect: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        timeline.note(life.name, () => `${what}: ${reason}`);
        deliver(sim, life, failureDelay(), () => reject(new StoreUnreachable(`${what}: ${reason}`)));
      };
      if (isUnreachable()) return fail('the store was not reached');
      const nowMs = scheduler.nowMs();
      const earliestMs = orderId === null ? 0 : (lastArrivalMs.get(orderId) ?? 0);
      const arrivesAtMs = Math.max(nowMs + latency(), earliestMs);
      if (orderId !== null) lastArrivalMs.set(orderId, arrivesAtMs);
      scheduler.after(arrivesAtMs - nowMs, () => {
        // What a dying process had handed to a server may still arrive; an embedded store dies with it.
        if (life.isDead && (setup.isEmbedded || chance.happens(0.5))) return;
        if (orderId !== null) checker.orders.touch(orderId);
        effect().then(
          (value) => {
            if (orderId !== null) timeline.note(life.name, () => `${what}${shown(value)}`);
            if (chance.happens(sim.faults().storeAnswerLost)) fail('done, the answer was lost');
            else deliver(sim, life, latency(), () => resolve(value));
          },
          (error: unknown) => deliver(sim, life, latency(), () => reject(error)),
        );
      });
    });
  }

  function read<T>(effect: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isUnreachable())
        return deliver(sim, life, failureDelay(), () => reject(new StoreUnreachable('nothing was read')));
      if (chance.happens(0.5))
        void effect().then((value) => deliver(sim, life, latency(), () => resolve(value)), reject);
      else deliver(sim, life, latency(), () => effect().then(resolve, reject));
    });
  }

  function isUnreachable(): boolean {
    return scheduler.nowMs() < outage.untilMs || chance.happens(sim.faults().storeRequestLost);
  }

  function latency(): number {
    return chance.between(1, chance.happens(0.02) ? 400 : 8);
  }
  function failureDelay(): number {
    return chance.between(1, chance.happens(0.2) ? 4_000 : 100);
  }
}

class StoreUnreachable extends Error {
  override name = 'StoreUnreachable';
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('outcome' in value)) return '';
  const claim = 'claim' in value ? (value.claim as { fence: number; order: { status: string } }) : undefined;
  return `: ${value.outcome}${claim ? `, fence ${claim.fence}, ${claim.order.status}` : ''}`;
}
