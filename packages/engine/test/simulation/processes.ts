import type { OrderId } from '../../src/domain/order.ts';
import type { Publication } from '../../src/ports/event-bus.ts';
import type { Network, SimulatedNode } from './chain-link.ts';
import { type EngineProcess, type Surroundings, startProcess } from './engine-process.ts';
import { deliver, happenEvery, type Life, type SetClock, type Simulated } from './simulated.ts';
import type { Outage } from './store-link.ts';

/** The processes of one deployment, what happens to them, and the lines between them. */
export interface Processes {
  /** Those that live, standing still or not. At least one after `heal`. */
  alive(): readonly EngineProcess[];
  hint(slot: bigint): void;
  /** Once in a seed that has such a fault. */
  blackOut(): void;
  /** Everybody starts who is dead, and clocks are set right. */
  heal(): void;
}

/** Farther than any wait of the engine, and than the world has time to heal. */
const SET_BY_MOST_MS = 3_600_000;

export function runProcesses(sim: Simulated, network: Network, nodes: readonly SimulatedNode[]): Processes {
  const { chance, scheduler, timeline, setup } = sim;
  const faults = sim.faults();
  const storeOutage: Outage = { untilMs: 0 };
  const running = new Map<string, EngineProcess>();
  let queueEpoch = 0;
  let blackoutUntilMs = 0;

  const clocks = new Map<string, SetClock>();
  const names = Array.from({ length: setup.processes }, (_, index) => `process ${index + 1}`);
  for (const name of names) {
    const clock = { setByMs: 0 };
    clocks.set(name, clock);
    happenEvery(sim, faults.clockSetEveryMs * setup.processes, () => setClock(`the clock of ${name}`, clock));
    start(name);
    happenEvery(sim, faults.crashEveryMs * setup.processes, () => crash(name));
    happenEvery(sim, faults.pauseEveryMs * setup.processes, () => pause(name));
    happenEvery(sim, faults.restartEveryMs * setup.processes, () => restart(name));
  }
  happenEvery(sim, faults.storeAheadEveryMs, () => {
    setStoreClock(SET_BY_MOST_MS * chance.fraction());
    scheduler.after(chance.between(500, 5_000), () => setStoreClock(0));
  });
  happenEvery(sim, faults.storeOutageEveryMs, () => breakDown('the store', storeOutage));
  for (const { node, outage } of nodes)
    happenEvery(sim, faults.nodeOutageEveryMs * nodes.length, () => breakDown(node.name, outage));
  happenEvery(sim, faults.nodeElsewhereEveryMs, leadElsewhere);
  happenEvery(sim, faults.chainOutageEveryMs, () => {
    const all: Outage = { untilMs: 0 };
    breakDown('the chain', all);
    for (const { outage } of nodes) outage.untilMs = Math.max(outage.untilMs, all.untilMs);
  });
  happenEvery(sim, faults.queueWipeEveryMs, () => {
    queueEpoch += 1;
    timeline.note('queue', () => 'loses everything');
  });

  return {
    alive: () => [...running.values()],
    hint(slot) {
      for (const process of running.values()) {
        if (chance.happens(sim.faults().hintLost)) continue;
        deliver(sim, process.life, chance.below(30), () => process.hint(slot));
      }
    },
    blackOut() {
      if (!faults.blackout || blackoutUntilMs > 0) return;
      blackoutUntilMs = atMost(chance.between(65_000, 110_000));
      sim.count('blackout');
      timeline.note('world', () => `all processes stand still until ${(blackoutUntilMs / 1_000).toFixed(3)}`);
      for (const { life } of running.values()) life.pausedUntilMs = blackoutUntilMs;
    },
    heal() {
      for (const clock of clocks.values()) clock.setByMs = 0;
      setStoreClock(0);
      for (const name of names) if (!running.has(name)) start(name);
    },
  };

  function start(name: string): void {
    if (running.has(name)) return;
    const clock = clocks.get(name) as SetClock;
    const life: Life = { name, isDead: false, pausedUntilMs: blackoutUntilMs, clock };
    const around: Surroundings = { storeOutage, network, nodes, wake, publish };
    const process = startProcess(sim, around, life);
    running.set(name, process);
    process.started.catch(() => end(process, 500)); // As a process that cannot reach its store at start: it exits.
  }

  function crash(name: string): void {
    const process = running.get(name);
    if (!process) return;
    timeline.note(name, () => 'dies');
    sim.count('crash');
    end(process, chance.pick([1, 300, 3_000, faults.pauseMs]) * chance.fraction());
  }

  /** It starts again later, by itself or because everything heals. */
  function end(process: EngineProcess, downMs: number): void {
    process.life.isDead = true;
    running.delete(process.life.name);
    scheduler.after(downMs, () => start(process.life.name));
  }

  function pause(name: string): void {
    const process = running.get(name);
    if (!process) return;
    process.life.pausedUntilMs = Math.max(atMost(faults.pauseMs * chance.fraction()), blackoutUntilMs);
    sim.count('pause');
    timeline.note(name, () => `stands still until ${(process.life.pausedUntilMs / 1_000).toFixed(3)}`);
  }

  /** A process that takes too long to stop is killed. */
  function restart(name: string): void {
    const process = running.get(name);
    if (!process) return;
    timeline.note(name, () => 'is told to stop');
    sim.count('restart');
    const over = (): void => {
      if (process.life.isDead) return;
      timeline.note(name, () => 'ends');
      end(process, 100);
    };
    process.stop().then(over, over);
    scheduler.after(5_000, over);
  }

  function setClock(which: string, clock: SetClock): void {
    clock.setByMs = Math.round((chance.fraction() - 0.5) * 2 * SET_BY_MOST_MS);
    sim.count('clock set');
    timeline.note(which, () => `is set, and ${clock.setByMs / 1_000} s ahead`);
  }

  function setStoreClock(aheadMs: number): void {
    if (sim.storeClock.setByMs === aheadMs) return;
    sim.storeClock.setByMs = Math.round(aheadMs);
    sim.checker.leases.clockSet();
    if (aheadMs > 0) sim.count('store ahead');
    timeline.note('the clock of the store', () => `is set, and ${sim.storeClock.setByMs / 1_000} s ahead`);
  }

  function breakDown(who: string, outage: Outage): void {
    outage.untilMs = atMost(faults.outageMs * chance.fraction() ** 2);
    sim.count('outage');
    timeline.note(who, () => `cannot be reached until ${(outage.untilMs / 1_000).toFixed(3)}`);
  }

  /** One address, or whatever all of them have in common. */
  function leadElsewhere(): void {
    const untilMs = atMost(faults.outageMs * chance.fraction());
    const led = chance.happens(0.5) ? nodes : [chance.pick(nodes)];
    for (const { node, elsewhere } of led) {
      elsewhere.untilMs = untilMs;
      timeline.note(node.name, () => `leads to another chain until ${(untilMs / 1_000).toFixed(3)}`);
    }
    sim.count('another chain');
  }

  /** Nothing outlasts the time for faults. */
  function atMost(durationMs: number): number {
    return Math.min(scheduler.nowMs() + durationMs, setup.safetyMs);
  }

  /** A queue that loses, doubles and delays. It hands each wake-up to a process that runs when it arrives. */
  function wake(orderId: OrderId, delayMs: number): void {
    const { wakeLost, wakeDoubled, wakeLateMs } = sim.faults();
    const epoch = queueEpoch;
    const copies = chance.happens(wakeLost) ? 0 : chance.happens(wakeDoubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      scheduler.after(delayMs + chance.between(0, 2) + wakeLateMs * chance.fraction(), () => {
        const all = [...running.values()];
        if (all.length === 0 || epoch !== queueEpoch) return;
        const process = chance.pick(all);
        deliver(sim, process.life, 0, () => process.wake(orderId));
      });
  }

  function publish(publication: Publication): void {
    const { busLost, busDoubled, busLateMs } = sim.faults();
    for (const process of running.values()) {
      const copies = chance.happens(busLost) ? 0 : chance.happens(busDoubled) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        deliver(sim, process.life, chance.between(0, 3) + busLateMs * chance.fraction(), () =>
          process.hear(publication),
        );
    }
  }
}
