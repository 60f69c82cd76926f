import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../packages/engine/test/simulation/chance.ts';
import type { ScaledEngine } from '../support/scaled-engine.ts';
import { breakChain } from './break-chain.ts';
import { startDiffering } from './differing-worker.ts';
import { fill, kill, type Place, stopFor } from './processes.ts';

export interface Disturbances {
  /** When a worker was killed or stopped, epoch milliseconds. */
  readonly workerLossesAtMs: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
  /** For how long no worker was awake: no order can continue then. */
  readonly noWorkerMs: number;
}

const FLUSH_EVERY_MS = 20_000;
const LONGEST_STOP_MS = 8_000;
// Longer than a lease: who wakes up then is a zombie. One worker at a time, or else there would be none for minutes, and the
// run would measure its own attack.
const LONGEST_ZOMBIE_MS = 40_000;
const LOOK_EVERY_MS = 100;

/**
 * Kills and stops processes every one to four seconds, wipes Redis, breaks the chain and its nodes, and starts workers that
 * differ from the others, until the time is up.
 */
export async function disturb(options: {
  readonly engine: ScaledEngine;
  readonly places: readonly Place[];
  readonly flushRedis: () => Promise<unknown>;
  readonly apiKey: string;
  readonly chance: Chance;
  readonly ms: number;
  /** The chain's nodes fail, and nothing worse: enough for the doubles of a worker with a known mistake. */
  readonly isMild: boolean;
}): Promise<Disturbances> {
  const { engine, places, chance, ms } = options;
  const counts: Record<string, number> = { kills: 0, stops: 0, flushes: 0 };
  const workerLossesAtMs: number[] = [];
  const ending = new AbortController();
  const underWay: Promise<unknown>[] = [];
  let isZombieMade = false;
  let noWorkerMs = 0;

  async function disturbProcesses(): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(chance.between(1_000, 4_000));
      const free = places.filter(({ current, isStopped }) => current && !isStopped);
      if (free.length === 0 || ending.signal.aborted) continue;
      const place = chance.pick(free);
      if (place.kind === 'worker') workerLossesAtMs.push(Date.now());
      underWay.push(chance.happens(0.5) ? killAndReplace(place) : stop(place));
    }
  }

  async function killAndReplace(place: Place): Promise<void> {
    counts.kills! += 1;
    await kill(place);
    await pause(chance.between(200, 3_000));
    await fill(engine, place, options.apiKey, new AbortController().signal);
  }

  async function stop(place: Place): Promise<void> {
    counts.stops! += 1;
    const makesZombie = place.kind === 'worker' && !isZombieMade;
    if (makesZombie) isZombieMade = true;
    const longest = makesZombie ? LONGEST_ZOMBIE_MS : LONGEST_STOP_MS;
    await stopFor(place, chance.between(500, longest), ending.signal);
    if (makesZombie) isZombieMade = false;
  }

  async function watchWorkers(): Promise<void> {
    while (!ending.signal.aborted) {
      const lookedAtMs = Date.now();
      const isAnyAwake = places.some(
        ({ kind, current, isStopped }) => kind === 'worker' && current && !isStopped,
      );
      await pause(LOOK_EVERY_MS);
      if (!isAnyAwake) noWorkerMs += Date.now() - lookedAtMs;
    }
  }

  async function wipeRedis(): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(Math.min(FLUSH_EVERY_MS, ms / 3));
      await options.flushRedis();
      counts.flushes! += 1;
    }
  }

  const pause = (pauseMs: number) => sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => {});

  const attack = { engine, chance, counts, pause, signal: ending.signal, isMild: options.isMild };
  const loops = [
    disturbProcesses(),
    wipeRedis(),
    breakChain(attack),
    ...(options.isMild ? [] : [startDiffering(attack, ms)]),
    watchWorkers(),
  ];
  await Promise.race([sleep(ms), ...loops.map((loop) => loop.then(() => new Promise(() => {})))]);
  ending.abort();
  await Promise.all(loops);
  await Promise.all(underWay); // Every place is filled and awake again.
  return { workerLossesAtMs, counts, noWorkerMs };
}
