import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import type { LeaderLease } from '../../src/ports/leader-lease.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import type { PriceMarks } from '../../src/ports/price-marks.ts';
import type { ProcessShares } from '../../src/ports/process-shares.ts';
import type { StartLimit } from '../../src/ports/work-queue.ts';
import type { Chance } from './chance.ts';
import type { Checker } from './checker.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';
import type { Timeline } from './timeline.ts';

/** What everything in one simulated world shares: time, chance, the true store and the true chain. */
export interface Simulated {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly timeline: Timeline;
  readonly checker: Checker;
  readonly store: OrderStore;
  readonly lease: LeaderLease;
  readonly marks: PriceMarks;
  readonly shares: ProcessShares;
  /** Of the machine of the store, by which leases and due times are told. */
  readonly storeClock: SetClock;
  readonly chain: MemoryChain;
  readonly limits: ExecutionLimits;
  /** Starts of each process's queue; null for no limit. */
  readonly startLimit: StartLimit | null;
  readonly setup: Setup;
  /** What goes wrong now; nothing any more while the world heals. */
  faults(): Faults;
  /** Runs a check; a violation ends the run, wherever the check was made. */
  verify(check: () => void): void;
  /** 1, 2, 3, … */
  nextNumber(): number;
  /** Counts what happened, so that a run can show what it covered. */
  count(what: string): void;
}

/** The shape of one seed's world. */
export interface Setup {
  readonly processes: number;
  readonly nodes: number;
  /** One process, whose store dies with it, as with PGlite. */
  readonly isEmbedded: boolean;
  /** How long things may go wrong. */
  readonly safetyMs: number;
  readonly blockhashBlocks: number;
  readonly confirmAfterSlots: number;
  readonly finalizeAfterSlots: number;
  readonly clients: ClientSetup;
}

export interface ClientSetup {
  readonly orders: number;
  readonly cancels: number;
  readonly streams: number;
  readonly watchesAccount: boolean;
  /** Every other order rests, and processes fire those whose condition holds. */
  readonly rest: boolean;
}

/** One run of one process, from its start to its end. */
export interface Life {
  readonly name: string;
  /** Nothing reaches a dead process, and nothing comes from it any more. */
  isDead: boolean;
  /** A process that stands still gets everything later. */
  pausedUntilMs: number;
  /** Its machine's time of day, which outlives it. */
  readonly clock: SetClock;
}

/** A clock that its owner sets. */
export interface SetClock {
  /** By how much it is ahead now for having been set; behind if negative. */
  setByMs: number;
}

/**
 * Brings something to a process: later if it stands still, never if it is dead, nor if what is returned is called before.
 */
export function deliver({ scheduler }: Simulated, life: Life, delayMs: number, run: () => void): () => void {
  const arrive = (): void => {
    if (life.isDead) return;
    const waitMs = life.pausedUntilMs - scheduler.nowMs();
    if (waitMs > 0) callOff = scheduler.after(waitMs, arrive);
    else run();
  };
  let callOff = scheduler.after(delayMs, arrive);
  return () => callOff();
}

/** Repeats something at random distances around `everyMs`, as long as there is such a fault. */
export function happenEvery(sim: Simulated, everyMs: number, happen: () => void): void {
  if (everyMs === 0) return;
  const next = (): void => {
    sim.scheduler.after(everyMs * 2 * sim.chance.fraction(), () => {
      if (isHealing(sim)) return;
      happen();
      next();
    });
  };
  next();
}

export const isHealing = ({ scheduler, setup }: Simulated): boolean => scheduler.nowMs() >= setup.safetyMs;
