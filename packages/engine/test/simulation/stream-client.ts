import type { OrderId } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import { isTerminal } from '../../src/domain/order-status.ts';
import { watchOrder } from '../../src/execution/watch-order.ts';
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

/**
 * Watches one order until its end, and connects again, behind the last event that it got, whenever the line breaks or
 * the process dies. Checks I11 on every event.
 */
export function followStream(
  sim: Simulated,
  processes: Processes,
  { name, orderId, after }: Subscription,
  ended: () => void,
): void {
  const { chance, checker, scheduler, timeline } = sim;
  let last = after;
  let lastStatus: OrderEvent['status'] | undefined;
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
      for await (const event of watchOrder(process.engine, orderId, last, cut.signal)) {
        if (cut.signal.aborted) return;
        take(event);
      }
      if (!cut.signal.aborted) end();
    } catch {
      if (!cut.signal.aborted) disconnect('loses its stream');
    }
  }

  function take(event: OrderEvent): void {
    const logged = checker.orders.known(orderId)?.events[event.sequence - 1];
    sim.verify(() => {
      hold(event.sequence === last + 1, 'I11', () => `${name} got ${event.sequence} after ${last}`);
      hold(
        logged?.type === event.type && JSON.stringify(logged.data) === JSON.stringify(event.data),
        'I11',
        () => `${name} got ${event.type} ${event.sequence} of ${orderId}, the log has ${logged?.type}`,
      );
    });
    last = event.sequence;
    lastStatus = event.status;
    timeline.note(name, () => `gets ${event.type} (${event.sequence}) of ${orderId}`);
  }

  /** The stream ended by itself: with a terminal event, which the client has or had. */
  function end(): void {
    isOver = true;
    const status = lastStatus ?? checker.orders.known(orderId)?.events[last - 1]?.status;
    sim.verify(() =>
      hold(
        status !== undefined && isTerminal(status),
        'I11',
        () => `${name}'s stream of ${orderId} ended at ${last} with ${status}`,
      ),
    );
    ended();
  }

  function disconnect(why: string): void {
    if (isOver || !connection) return;
    timeline.note(name, () => `${why} of ${orderId} after event ${last}`);
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
