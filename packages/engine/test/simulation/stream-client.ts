import type { AccountId, OrderId } from '../../src/domain/order.ts';
import type { AccountEvent, OrderEvent } from '../../src/domain/order-event.ts';
import { watchAccount } from '../../src/execution/streams/watch-account.ts';
import { watchOrder } from '../../src/execution/streams/watch-order.ts';
import { isEnd } from './ends.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Processes } from './processes.ts';
import { happenEvery, type Simulated } from './simulated.ts';
import { hold } from './violation.ts';

export interface Subscription {
  readonly name: string;
  readonly orderId: OrderId;
  /** Sequence after which it begins. */
  readonly after: number;
}

/** Watches one order until its end, and checks I11 on every event. */
export function followOrder(
  sim: Simulated,
  processes: Processes,
  { name, orderId, after }: Subscription,
  ended: () => void,
): void {
  const { checker, timeline } = sim;
  let last = after;
  let lastStatus: OrderEvent['status'] | undefined;
  keepWatching(sim, processes, {
    name,
    watch: ({ engine }, signal) => watchOrder(engine, orderId, last, signal, 'start'),
    take(event) {
      checkLogged(sim, name, event, last + 1);
      last = event.sequence;
      lastStatus = event.status;
      timeline.note(name, () => `gets ${event.type} (${event.sequence}) of ${orderId}`);
    },
    /** The stream ended by itself: with a terminal event, which the client has or had. */
    ended() {
      const status = lastStatus ?? checker.orders.known(orderId)?.events[last - 1]?.status;
      hold(
        status !== undefined && isEnd(status),
        'I11',
        () => `${name}'s stream of ${orderId} ended at ${last} with ${status}`,
      );
      ended();
    },
  });
}

/** Watches an account for as long as the world lasts, and checks I11 on every event. */
export function followAccount(
  sim: Simulated,
  processes: Processes,
  accountId: AccountId,
): { hasEverything(): boolean } {
  const name = 'account';
  const lastOf = new Map<OrderId, number>();
  let last = 0;
  keepWatching(sim, processes, {
    name,
    watch: ({ engine }, signal) => watchAccount(engine, accountId, last, signal),
    take(page: readonly AccountEvent[]) {
      for (const { position, event } of page) {
        hold(position === last + 1, 'I11', () => `the account got position ${position} after ${last}`);
        checkLogged(sim, name, event, (lastOf.get(event.orderId) ?? 0) + 1);
        last = position;
        lastOf.set(event.orderId, event.sequence);
      }
    },
    ended: () => hold(false, 'I11', () => 'the stream of the account ended'),
  });
  return {
    hasEverything: () =>
      sim.checker.orders.all().every(({ order }) => lastOf.get(order.request.orderId) === order.sequence),
  };
}

/** What is streamed is in the log, at its place. */
function checkLogged({ checker }: Simulated, name: string, event: OrderEvent, expected: number): void {
  const { orderId, sequence, type, data } = event;
  const logged = checker.orders.known(orderId)?.events[sequence - 1];
  hold(sequence === expected, 'I11', () => `${name} got ${sequence} of ${orderId} in place of ${expected}`);
  hold(
    logged?.type === type && JSON.stringify(logged.data) === JSON.stringify(data),
    'I11',
    () => `${name} got ${type} ${sequence} of ${orderId}, the log has ${logged?.type}`,
  );
}

/** Connects again, behind the last event that it got, whenever the line breaks or the process dies. */
function keepWatching<T>(
  sim: Simulated,
  processes: Processes,
  client: {
    readonly name: string;
    watch(process: EngineProcess, signal: AbortSignal): AsyncIterable<T>;
    /** May throw a violation; so may `ended`. */
    take(event: T): void;
    ended(): void;
  },
): void {
  const { chance, scheduler, timeline } = sim;
  const { name } = client;
  let connection: { readonly process: EngineProcess; readonly cut: AbortController } | undefined;
  let isOver = false;
  connect();
  happenEvery(sim, sim.faults().streamCutEveryMs, () => disconnect('cuts its stream'));
  watchProcess();

  function connect(): void {
    if (isOver) return;
    const all = processes.alive();
    if (all.length === 0) {
      scheduler.after(500, connect);
      return;
    }
    const process = chance.pick(all);
    const cut = new AbortController();
    connection = { process, cut };
    void read(process, cut);
  }

  async function read(process: EngineProcess, cut: AbortController): Promise<void> {
    try {
      for await (const event of client.watch(process, cut.signal)) {
        if (cut.signal.aborted) return;
        sim.verify(() => client.take(event));
      }
      if (cut.signal.aborted) return;
      isOver = true;
      sim.verify(client.ended);
    } catch {
      if (!cut.signal.aborted) disconnect('loses its stream');
    }
  }

  function disconnect(why: string): void {
    if (isOver || !connection) return;
    timeline.note(name, () => why);
    connection.cut.abort('cut');
    connection = undefined;
    scheduler.after(chance.between(1, 1_000), connect);
  }

  /** A client notices a dead process by its silence. */
  function watchProcess(): void {
    if (isOver) return;
    if (connection?.process.life.isDead) disconnect('misses its process');
    scheduler.after(1_000, watchProcess);
  }
}
