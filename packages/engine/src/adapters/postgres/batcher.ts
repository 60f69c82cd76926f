import { StoreUnavailable } from '../../ports/order-store.ts';

/** Work that many callers hand in one by one and that is done in groups. */
export interface Batcher<Item, Result> {
  /** Resolves with the item's own result, or rejects with what went wrong for it. */
  add(item: Item): Promise<Result>;
}

/** The result of an item that something keeps from being done now. */
export const HELD_UP = Symbol('held up');
export type HeldUp = typeof HELD_UP;

export interface BatcherOptions<Item, Result> {
  /**
   * Does the whole group: one result per item, in order. A rejection means that none was done. An item that is held up was not
   * done: it is run again soon, and those of its key wait behind it, while the others go on.
   */
  readonly run: (items: readonly Item[]) => Promise<readonly (Result | HeldUp)[]>;
  /** Items with one key are never in one group; the later waits for the next. Absent: no such items, and none is held up. */
  readonly keyOf?: (item: Item) => string;
  /**
   * How long an item may wait for a later one of its key to be merged with, milliseconds. Others do not wait with it. Absent: no item
   * waits.
   */
  readonly patienceMs?: (item: Item) => number;
  /**
   * Makes one item of two with one key, if both together are as good as one after the other; otherwise undefined.
   */
  readonly merge?: (earlier: Item, later: Item) => Item | undefined;
  /** What the result of a merged item is for one of the items that it was made of. Absent: the same. */
  readonly shareOf?: (result: Result, whole: Item, part: Item) => Result;
  /** Whether a rejection may be one item's fault, so that the others deserve a run of their own. */
  readonly isItemFault: (error: unknown) => boolean;
  /** How long the first item of a group waits for company. 0: until the current turn of the event loop ends. */
  readonly lingerMs: number;
  readonly maxItems: number;
}

/** How the calls of a store share statements. */
export type Grouping = Pick<BatcherOptions<unknown, unknown>, 'lingerMs' | 'maxItems' | 'isItemFault'>;

interface Caller<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting<Item, Result> extends Rest {
  item: Item;
  readonly callers: Caller<Item, Result>[];
}

interface Rest {
  /** Until when it waits for an item to be merged with; by `performance.now()`. */
  patientUntilMs?: number | undefined;
  /** Since when it is held up, and when it is run again; by `performance.now()`. */
  heldUp?: { readonly sinceMs: number; readonly untilMs: number };
}

/** More waiting items than this means that the store is not keeping up; refusing is better than growing. */
const MAX_WAITING = 100_000;

/** What is held up is run again after so long, and then after a tenth of the time for which it was held up. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** As long as a statement may take that waits for a row. */
const LONGEST_HELD_UP_MS = 10_000;

/** Gathers what arrives while a group is in flight into the next one. Groups run one after another. */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  function add(item: Item): Promise<Result> {
    if (waiting.length >= MAX_WAITING)
      return Promise.reject(
        new StoreUnavailable(`the store is overloaded: ${MAX_WAITING} writes are waiting`),
      );
    const patienceMs = options.patienceMs?.(item) ?? 0;
    return new Promise((resolve, reject) => {
      const patientUntilMs = patienceMs > 0 ? performance.now() + patienceMs : undefined;
      waiting.push({ item, callers: [{ item, resolve, reject }], patientUntilMs });
      if (isRunning) return;
      if (patienceMs > 0) return pause();
      isRunning = true;
      gather();
    });
  }

  function gather(): void {
    if (options.lingerMs > 0) setTimeout(drain, options.lingerMs);
    else setImmediate(drain);
  }

  async function drain(): Promise<void> {
    const { group, later } = nextGroup(waiting, options);
    waiting = later;
    if (group.length === 0) return pause();
    let results: readonly (Result | HeldUp)[];
    try {
      results = await options.run(group.map(({ item }) => item));
    } catch (error) {
      const heldUp = await settleFailed(group, error, options);
      waiting.unshift(...heldUp.filter(putOff));
      return next();
    }
    const heldUp = group.filter((_, index) => results[index] === HELD_UP);
    waiting.unshift(...heldUp.filter(putOff));
    next(); // First, so that the store has work while the callers of this group go on with theirs.
    tell(group, results, options);
  }

  /** Everything that waits is held up or patient. What is added meanwhile is run at once. */
  function pause(): void {
    isRunning = false;
    const untilMs = waiting.reduce((least, entry) => Math.min(least, restsUntil(entry) || least), Infinity);
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        if (isRunning || waiting.length === 0) return;
        isRunning = true;
        void drain();
      },
      Math.max(untilMs - performance.now(), 1),
    );
  }

  /** What gathered meanwhile is company enough. */
  function next(): void {
    if (waiting.length > 0) void drain();
    else isRunning = false;
  }

  return { add };
}

/** What runs now, and what stays: beyond `maxItems`, behind an earlier item of its key, held up, or patient. */
function nextGroup<Item, Result>(
  waiting: readonly Waiting<Item, Result>[],
  options: Pick<BatcherOptions<Item, Result>, 'keyOf' | 'maxItems' | 'merge'>,
): { group: Waiting<Item, Result>[]; later: Waiting<Item, Result>[] } {
  const { keyOf, maxItems } = options;
  if (!keyOf) return { group: waiting.slice(0, maxItems), later: waiting.slice(maxItems) };
  const nowMs = performance.now();
  const group: Waiting<Item, Result>[] = [];
  const later: Waiting<Item, Result>[] = [];
  const keys = new Set<string>();
  for (const { key, entry } of mergeByKey(waiting, keyOf, options.merge)) {
    if (group.length >= maxItems || keys.has(key) || restsUntil(entry) > nowMs) later.push(entry);
    else group.push(entry);
    keys.add(key);
  }
  return { group, later };
}

/** The entries in their order, those merged that may be. An entry with another of its key behind it is not patient any more. */
function mergeByKey<Item, Result>(
  waiting: readonly Waiting<Item, Result>[],
  keyOf: (item: Item) => string,
  merge: BatcherOptions<Item, Result>['merge'],
): readonly { readonly key: string; readonly entry: Waiting<Item, Result> }[] {
  const kept: { readonly key: string; readonly entry: Waiting<Item, Result> }[] = [];
  const last = new Map<string, Waiting<Item, Result>>();
  for (const entry of waiting) {
    const key = keyOf(entry.item);
    const before = last.get(key);
    const merged = before && merge?.(before.item, entry.item);
    if (before && !(merged && entry.patientUntilMs !== undefined)) before.patientUntilMs = undefined;
    if (merged) {
      before.item = merged;
      before.callers.push(...entry.callers);
    } else {
      kept.push({ key, entry });
      last.set(key, entry);
    }
  }
  return kept;
}

/** By `performance.now()`; 0 if it may run now. */
const restsUntil = ({ heldUp, patientUntilMs }: Rest): number =>
  Math.max(heldUp?.untilMs ?? 0, patientUntilMs ?? 0);

/** Whether it waits for another run; otherwise it was held up for too long, and its callers were told. */
function putOff<Item, Result>(entry: Waiting<Item, Result>): boolean {
  const nowMs = performance.now();
  const sinceMs = entry.heldUp?.sinceMs ?? nowMs;
  const pauseMs = Math.min(Math.max((nowMs - sinceMs) / 10, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
  entry.heldUp = { sinceMs, untilMs: nowMs + pauseMs };
  if (nowMs - sinceMs < LONGEST_HELD_UP_MS) return true;
  const error = new StoreUnavailable('another session of the database has locked the order for too long');
  for (const { reject } of entry.callers) reject(error);
  return false;
}

function tell<Item, Result>(
  group: readonly Waiting<Item, Result>[],
  results: readonly (Result | HeldUp)[],
  { shareOf = (result) => result }: Pick<BatcherOptions<Item, Result>, 'shareOf'>,
): void {
  group.forEach(({ item: whole, callers }, index) => {
    if (results[index] === HELD_UP) return;
    for (const { item, resolve } of callers) resolve(shareOf(results[index] as Result, whole, item));
  });
}

/**
 * Runs the items one by one if one of them may be to blame, and tells each caller its outcome. Never rejects.
 *
 * @returns Those that were held up.
 */
async function settleFailed<Item, Result>(
  group: readonly Waiting<Item, Result>[],
  error: unknown,
  options: BatcherOptions<Item, Result>,
): Promise<readonly Waiting<Item, Result>[]> {
  if (group.length === 1 || !options.isItemFault(error)) {
    for (const { callers } of group) for (const { reject } of callers) reject(error);
    return [];
  }
  const heldUp: Waiting<Item, Result>[] = [];
  for (const entry of group)
    try {
      const results = await options.run([entry.item]);
      if (results[0] === HELD_UP) heldUp.push(entry);
      tell([entry], results, options);
    } catch (fault) {
      for (const { reject } of entry.callers) reject(fault);
    }
  return heldUp;
}
