import type { AccountId, Order, OrderId } from '../../domain/order.ts';
import { TriggerBook, type WatermarkDocument } from '../../domain/trigger-book.ts';
import { Twap } from '../../domain/twap.ts';
import type { PriceMarks } from '../../ports/price-marks.ts';
import type { Ports } from '../ports.ts';
import { mayFire } from './fire-order.ts';
import { KeptWatermarks, readWatermarks } from './price-watermarks.ts';
import { pairOf, restingOrder } from './resting-order.ts';

/** What is known of a pair beside its orders. */
export interface WatchedPair {
  readonly tokens: Pick<Order['request'], 'tokenIn' | 'tokenOut'>;
  readonly twap: Twap;
}

/** The orders of an account that rest, as far as this process knows. */
export interface KeptOrders {
  readonly book: TriggerBook;
  /** The pairs of the orders in the book, by name. */
  pairs(): readonly (readonly [name: string, pair: WatchedPair])[];
  /** Reads what changed since the last call; at the first, all of them. */
  refresh(): Promise<void>;
  /** Takes an order as the store has it: it rests, on whatever terms, or it does not. */
  reread(orderId: OrderId): Promise<void>;
  keep(order: Order): void;
  /** Watermarks that changed, and were not noted as written since. */
  unwrittenWatermarks(): readonly WatermarkDocument[];
  noteWritten(document: WatermarkDocument): void;
}

const PAGE = 1_000;

export function createKeptOrders(
  { orders, log }: Ports,
  { accountId, marks }: { readonly accountId: AccountId; readonly marks: PriceMarks },
): KeptOrders {
  const book = new TriggerBook();
  const watched = new Map<string, WatchedPair>();
  const watermarks = new KeptWatermarks();
  let position: number | null = null;

  function keep(order: Order): void {
    const { tokenIn, tokenOut } = order.request;
    const pair = pairOf(order.request);
    if (!watched.has(pair)) watched.set(pair, { tokens: { tokenIn, tokenOut }, twap: new Twap() });
    // The book forgets a pair with its last order, which may rest again after a firing in vain.
    if (!book.hasPair(pair)) for (const document of watermarks.of(pair)) book.restoreWatermarks(document);
    const resting = restingOrder(order);
    if (!book.replace(resting)) book.add(resting);
    // What was given and has changed since is judged by its new terms.
    book.putBack(order.request.orderId);
  }

  async function load(): Promise<number> {
    const from = await orders.accountPosition(accountId);
    for (const document of await readWatermarks(marks)) watermarks.keep(document);
    for (let after: OrderId | null = null; ; ) {
      const page: readonly Order[] = await orders.openOrders(after, PAGE);
      for (const order of page) keep(order);
      after = page.at(-1)?.request.orderId ?? null;
      if (page.length < PAGE) break;
    }
    if (book.size > 0) log.info({ orders: book.size, pairs: watched.size }, 'resting orders loaded');
    return from;
  }

  async function reread(orderId: OrderId): Promise<void> {
    const order = await orders.get(orderId);
    if (order && mayFire(order)) keep(order);
    else book.remove(orderId);
  }

  return {
    book,
    pairs: () =>
      book.pairs().flatMap((name) => {
        const pair = watched.get(name);
        return pair ? [[name, pair] as const] : [];
      }),
    async refresh() {
      position ??= await load();
      for (;;) {
        const changes = await orders.restingChanges(accountId, position, PAGE);
        await Promise.all([...new Set(changes.map(({ orderId }) => orderId))].map(reread));
        position = changes.at(-1)?.position ?? position;
        if (changes.length < PAGE) return;
      }
    },
    reread,
    keep,
    unwrittenWatermarks() {
      for (const document of book.takeChangedWatermarks()) watermarks.change(document);
      return watermarks.unwritten();
    },
    noteWritten: (document) => watermarks.noteWritten(document),
  };
}
