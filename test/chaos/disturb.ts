import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../packages/engine/test/simulation/chance.ts';
import type { ScaledEngine } from '../support/scaled-engine.ts';
import { fill, kill, type Place, stopFor } from './processes.ts';

export interface Disturbances {
  /** When a worker was killed or stopped, epoch milliseconds. */
  readonly workerLossesAtMs: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
  /** For how long no worker was awake: nobody can recover then. */
  readonly noWorkerMs: number;
}

const FLUSH_EVERY_MS = 20_000;
const LONGEST_STOP_MS = 8_000;
// Longer than a lease: who wakes up then is a zombie. One worker at a time, or else there would be none for minutes, and the
// run would measure its own attack.
const LONGEST_ZOMBIE_MS = 40_000;
const LOOK_EVERY_MS = 100;

/** What may be wrong with the chain's nodes for a while. The first comes first: it is what doubles are made of. */
const CHAIN_FAULTS: readonly object[] = [
  { lostAnswer: { rate: 0.6 } },
  { drop: { rate: 0.5 } },
  { expire: { rate: 0.3 } },
  { delay: { rate: 0.5, slots: 10 } },
  { duplicate: { rate: 0.5, slots: 5 } },
  { http503: { rate: 0.3 } },
  { http429: { rate: 0.3, methods: ['getSignatureStatuses', 'sendTransaction'] } },
  { timeout: { rate: 0.1 } },
  { lag: { rate: 1, blocks: 20, methods: ['getSignatureStatuses', 'getTransaction'] } },
  { node: 2, forget: { rate: 0.3 } },
  { node: 2, http503: { rate: 0.5 } },
];

/** Kills and stops processes every one to four seconds, wipes Redis, and breaks the chain's nodes, until the time is up. */
export async function disturb(options: {
  readonly engine: ScaledEngine;
  readonly places: readonly Place[];
  readonly flushRedis: () => Promise<unknown>;
  readonly apiKey: string;
  readonly chance: Chance;
  readonly ms: number;
}): Promise<Disturbances> {
  const { engine, places, chance, ms } = options;
  const counts: Record<string, number> = { kills: 0, stops: 0, flushes: 0, chainFaults: 0 };
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

  async function breakChain(): Promise<void> {
    while (!ending.signal.aborted) {
      const fault = counts.chainFaults === 0 ? CHAIN_FAULTS[0] : chance.pick(CHAIN_FAULTS);
      counts.chainFaults! += 1;
      await faults(engine.devnetUrl, 'POST', fault);
      await pause(chance.between(1_000, 5_000));
      await faults(engine.devnetUrl, 'DELETE');
      await pause(chance.between(1_000, 6_000));
    }
  }

  const pause = (pauseMs: number) => sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => {});

  const loops = [disturbProcesses(), wipeRedis(), breakChain(), watchWorkers()];
  await Promise.race([sleep(ms), ...loops.map((loop) => loop.then(() => new Promise(() => {})))]);
  ending.abort();
  await Promise.all(loops);
  await Promise.all(underWay); // Every place is filled and awake again.
  return { workerLossesAtMs, counts, noWorkerMs };
}

async function faults(devnetUrl: string, method: 'POST' | 'DELETE', body?: object): Promise<void> {
  const response = await fetch(`${devnetUrl}/admin/faults`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the devnet refused ${JSON.stringify(body)}: ${await response.text()}`);
}
