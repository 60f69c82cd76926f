import type { SlotWatch } from './slot-watch.ts';

/** Nodes announce a slot at nearly the same time; this many reported slots are remembered. */
const REMEMBERED = 64;

/** Joins the watches of several nodes: reports each slot once, when the first node reports it. */
export function joinSlotWatches(watches: readonly SlotWatch[]): SlotWatch {
  const listeners = new Set<(slot: bigint) => void>();
  const told = new Set<bigint>();
  let isStarted = false;

  function tell(slot: bigint): void {
    if (told.has(slot)) return;
    told.add(slot);
    for (const old of told) {
      if (told.size <= REMEMBERED) break;
      told.delete(old);
    }
    for (const listener of listeners) listener(slot);
  }

  return {
    onSlot(listener) {
      listeners.add(listener);
      if (!isStarted) for (const watch of watches) watch.onSlot(tell);
      isStarted = true;
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      for (const watch of watches) watch.close();
    },
  };
}
