import { setTimeout as sleep } from 'node:timers/promises';
import type { ScaledEngine, ServerProcess } from '../support/scaled-engine.ts';

/** A place for a process: when one dies there, another is started. */
export interface Place {
  readonly kind: 'api' | 'worker';
  /** The process that lives here now. */
  current: (ServerProcess & { readonly url?: string }) | undefined;
  isStopped: boolean;
}

/** Fills a place, and again until it succeeds: a process may meet a chain that does not answer. */
export async function fill(
  engine: ScaledEngine,
  place: Place,
  apiKey: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      place.current =
        place.kind === 'api' ? await engine.startApi({ API_KEY: apiKey }) : await engine.startWorker();
      return;
    } catch {
      await sleep(200);
    }
  }
}

/** As SIGKILL. */
export async function kill(place: Place): Promise<void> {
  const { current } = place;
  place.current = undefined;
  await current?.kill();
}

/** As a machine that hangs: it keeps its connections, and goes on later as if nothing had happened. */
export async function stopFor(place: Place, ms: number, signal: AbortSignal): Promise<void> {
  const child = place.current?.child;
  if (!child) return;
  place.isStopped = true;
  child.kill('SIGSTOP');
  await sleep(ms, undefined, { signal }).catch(() => {});
  child.kill('SIGCONT');
  place.isStopped = false;
}
