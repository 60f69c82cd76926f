/** Virtual time: the next thing happens when everything that it set free has come to rest. */
export interface Scheduler {
  /** Milliseconds since the start. */
  nowMs(): number;
  /** Runs it after this time, unless what is returned is called before. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs events in the order of their time until `isDone` says so, or until nothing is left to run. */
  runUntil(isDone: () => boolean): Promise<void>;
}

/**
 * @param onRest Called after each event when all promises have settled; what it returns is awaited before the next.
 */
export function createScheduler(onRest: () => Promise<void> | undefined): Scheduler {
  const heap = createHeap();
  let nowMs = 0;
  let nextOrder = 0;

  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const event: ScheduledEvent = { atMs: nowMs + Math.max(0, delayMs), order: nextOrder++, run };
      heap.push(event);
      return () => {
        event.run = null;
      };
    },
    runUntil: (isDone) =>
      new Promise((resolve, reject) => {
        // A tick that is asked for in a microtask comes after all other microtasks: the world is at rest then, and
        // that costs a fraction of a turn of the event loop.
        const atRest = (): void => process.nextTick(turn);
        function turn(): void {
          const checked = onRest();
          if (checked) checked.then(() => process.nextTick(step), reject);
          else step();
        }
        function step(): void {
          try {
            while (!isDone()) {
              const event = heap.pop();
              if (!event) break;
              nowMs = event.atMs;
              if (!event.run) continue;
              event.run();
              void settled.then(atRest);
              return;
            }
            resolve();
          } catch (error) {
            reject(error);
          }
        }
        void settled.then(atRest);
      }),
  };
}

const settled = Promise.resolve();

interface ScheduledEvent {
  readonly atMs: number;
  /** Of two events at one time the earlier made runs first. */
  readonly order: number;
  /** Null when it was called off. */
  run: (() => void) | null;
}

const isEarlier = (a: ScheduledEvent, b: ScheduledEvent): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap by time. */
function createHeap() {
  const items: ScheduledEvent[] = [];
  return {
    push(item: ScheduledEvent): void {
      let index = items.length;
      items.push(item);
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isEarlier(item, items[parent]!)) break;
        items[index] = items[parent]!;
        index = parent;
      }
      items[index] = item;
    },
    pop(): ScheduledEvent | undefined {
      const top = items[0];
      const last = items.pop();
      if (!top || !last || items.length === 0) return top;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && isEarlier(items[child + 1]!, items[child]!)) child += 1;
        if (!isEarlier(items[child]!, last)) break;
        items[index] = items[child]!;
        index = child;
      }
      items[index] = last;
      return top;
    },
  };
}
