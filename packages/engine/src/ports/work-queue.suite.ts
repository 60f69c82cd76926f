import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toOrderId } from '../domain/order.ts';
import type { Logger } from './logger.ts';
import type { StartLimit, WorkQueue } from './work-queue.ts';

export interface WorkQueueSettings {
  readonly concurrency: number;
  readonly startLimit: StartLimit | null;
  readonly log: Logger;
}

/** Opens a queue of its own, empty; whatever runs at the end of a test is stopped by the suite. */
export type OpenWorkQueue = (settings: WorkQueueSettings) => Promise<WorkQueue>;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What every work queue must do. Times are only ever lower bounds. */
export function workQueueSuite(name: string, open: OpenWorkQueue): void {
  describe(`${name} keeps the promises of a work queue`, () => {
    const opened: WorkQueue[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue.stop()));
    });

    async function openQueue(settings: Partial<WorkQueueSettings> = {}): Promise<WorkQueue> {
      const queue = await open({ concurrency: 8, startLimit: null, log: SILENT, ...settings });
      opened.push(queue);
      return queue;
    }

    test('runs every woken order', async () => {
      const queue = await openQueue();
      const ran: string[] = [];
      queue.start(async (orderId) => void ran.push(orderId));
      const orders = Array.from({ length: 50 }, (_, index) => `order-${index}`);
      for (const orderId of orders) queue.wake(toOrderId(orderId));
      await vi.waitFor(() => expect(new Set(ran)).toEqual(new Set(orders)), 10_000);
    });

    test('keeps orders that are woken before the start', async () => {
      const queue = await openQueue();
      queue.wake(toOrderId('early'));
      await sleep(50);
      const ran: string[] = [];
      queue.start(async (orderId) => void ran.push(orderId));
      await vi.waitFor(() => expect(ran).toEqual(['early']), 10_000);
    });

    test('merges wakes of a waiting order', async () => {
      const queue = await openQueue();
      for (let wake = 0; wake < 20; wake += 1) queue.wake(toOrderId('merged'));
      await sleep(50);
      const ran: string[] = [];
      queue.start(async (orderId) => void ran.push(orderId));
      queue.wake(toOrderId('last'));
      await vi.waitFor(() => expect(ran).toContain('last'), 10_000);
      expect(ran.filter((orderId) => orderId === 'merged')).toHaveLength(1);
    });

    test('runs at most its concurrency of orders at once', async () => {
      const queue = await openQueue({ concurrency: 3 });
      let running = 0;
      let most = 0;
      let ended = 0;
      queue.start(async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(20);
        running -= 1;
        ended += 1;
      });
      for (let index = 0; index < 15; index += 1) queue.wake(toOrderId(`order-${index}`));
      await vi.waitFor(() => expect(ended).toBe(15), 10_000);
      expect(most).toBe(3);
    });

    test('starts orders at once up to its limit, and never more in any window', async () => {
      const startLimit = { starts: 10, windowMs: 2_000 };
      const queue = await openQueue({ concurrency: 64, startLimit });
      const startedAtMs: number[] = [];
      queue.start(async () => void startedAtMs.push(performance.now()));
      // A window of fixed ends would let the last of one and the first of the next start together.
      for (let index = 0; index < 6; index += 1) queue.wake(toOrderId(`early-${index}`));
      await vi.waitFor(() => expect(startedAtMs).toHaveLength(6), 10_000);
      await sleep(1_000);
      for (let index = 0; index < 19; index += 1) queue.wake(toOrderId(`late-${index}`));
      await vi.waitFor(() => expect(startedAtMs).toHaveLength(25), 20_000);
      const apartMs = startedAtMs.slice(10).map((ms, index) => ms - startedAtMs[index]!);
      expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(startLimit.windowMs - 1);
      // What may start is not kept waiting: spaced starts would take two seconds for the first ten, and as long for each ten more.
      const spreadMs = (from: number, to: number): number => startedAtMs[to]! - startedAtMs[from]!;
      expect(spreadMs(0, 5)).toBeLessThan(800);
      expect(spreadMs(6, 9)).toBeLessThan(600);
      expect(spreadMs(10, 15)).toBeLessThan(800);
    });

    test('reaches its concurrency under a limit of starts', async () => {
      const queue = await openQueue({ concurrency: 10, startLimit: { starts: 100, windowMs: 60_000 } });
      let running = 0;
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      queue.start(() => {
        running += 1;
        return ended;
      });
      for (let index = 0; index < 12; index += 1) queue.wake(toOrderId(`order-${index}`));
      await vi.waitFor(() => expect(running).toBe(10), 5_000);
      end();
      await vi.waitFor(() => expect(running).toBe(12), 5_000);
    });

    test('stops while orders wait for a start', async () => {
      const queue = await openQueue({ startLimit: { starts: 1, windowMs: 60_000 } });
      let started = 0;
      queue.start(async () => {
        started += 1;
      });
      for (let index = 0; index < 5; index += 1) queue.wake(toOrderId(`order-${index}`));
      await vi.waitFor(() => expect(started).toBe(1), 10_000);
      const stoppedFrom = performance.now();
      await queue.stop();
      expect(performance.now() - stoppedFrom).toBeLessThan(2_500);
      expect(started).toBe(1);
    });

    test('does not run a delayed wake before its time', async () => {
      const queue = await openQueue();
      let ranAt = 0;
      queue.start(async () => {
        ranAt = performance.now();
      });
      const wokenAt = performance.now();
      queue.wake(toOrderId('later'), 300);
      await vi.waitFor(() => expect(ranAt).toBeGreaterThan(0), 10_000);
      expect(ranAt - wokenAt).toBeGreaterThanOrEqual(295);
    });

    test('runs an order again that is woken with a delay while it runs', async () => {
      const queue = await openQueue();
      let runs = 0;
      queue.start(async (orderId) => {
        runs += 1;
        if (runs === 1) queue.wake(orderId, 30);
        await sleep(100);
      });
      queue.wake(toOrderId('again'));
      await vi.waitFor(() => expect(runs).toBe(2), 10_000);
    });

    test('reports a failed run, continues, and runs that order again when it is woken', async () => {
      const errors: unknown[] = [];
      const queue = await openQueue({
        log: { ...SILENT, error: ({ orderId }) => void errors.push(orderId) },
      });
      const ran: string[] = [];
      queue.start(async (orderId) => {
        ran.push(orderId);
        if (ran.length === 1) throw new Error('as it happens');
      });
      queue.wake(toOrderId('broken'));
      await vi.waitFor(() => expect(errors).toEqual(['broken']), 10_000);
      queue.wake(toOrderId('other'));
      await vi.waitFor(() => expect(ran).toEqual(['broken', 'other']), 10_000);
      queue.wake(toOrderId('broken'));
      await vi.waitFor(() => expect(ran).toEqual(['broken', 'other', 'broken']), 10_000);
    });

    test('waits for running orders when it stops, and starts no more', async () => {
      const queue = await openQueue({ concurrency: 1 });
      const ended: string[] = [];
      let started = 0;
      queue.start(async (orderId) => {
        started += 1;
        await sleep(100);
        ended.push(orderId);
      });
      queue.wake(toOrderId('first'));
      await vi.waitFor(() => expect(started).toBe(1), 10_000);
      queue.wake(toOrderId('second'));
      await queue.stop();
      expect(ended).toEqual(['first']);
      queue.wake(toOrderId('third'));
      await sleep(100);
      expect(started).toBe(1);
    });
  });
}
