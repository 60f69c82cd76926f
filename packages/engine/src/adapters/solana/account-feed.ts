import type { Moment } from '../../domain/moment.ts';
import type { AccountFeed, AccountSnapshot } from '../../ports/account-feed.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { Chain } from '../../ports/chain.ts';
import { ACCOUNTS_PER_REQUEST } from '../../ports/chain-limits.ts';
import { type Clock, msSince } from '../../ports/clock.ts';

export interface AccountFeedOptions {
  readonly reader: AccountReader;
  readonly onSlot: Chain['onSlot'];
  readonly clock: Pick<Clock, 'moment'>;
  /** Duration of one slot. Without a slot notification a snapshot serves for two. */
  readonly slotMs?: number;
}

interface Read {
  readonly snapshot: AccountSnapshot;
  /** Version of the watched accounts when the read began. */
  readonly version: number;
  readonly readAt: Moment;
  /** The newest announced slot when the read began. A node may announce a slot before it shows that slot's accounts. */
  readonly hintedSlot: bigint;
}

const SLOT_MS = 400;
const SAME_SLOT_TRIES = 3;
/** Timeout of a read, which may hang in a lost connection and must not delay later callers. */
const SHARED_MS = 1_000;

/**
 * Reads all watched accounts together at the start of every slot, so that callers need not wait for a read. A caller waits
 * only where the last snapshot is more than one slot old. A slot that begins during a read gets no read of its own.
 */
export function createAccountFeed(options: AccountFeedOptions): AccountFeed & { close(): void } {
  const { reader, clock, slotMs = SLOT_MS } = options;
  const watched = new Set<string>();
  let version = 0; // Counts the changes of the watched accounts.
  let newestSlot = 0n;
  let last: Read | null = null;
  let inFlight: { readonly version: number; readonly since: Moment; readonly read: Promise<Read> } | null =
    null;
  const unsubscribe = options.onSlot((slot) => {
    newestSlot = slot;
    const isReading = inFlight !== null && msSince(clock, inFlight.since) < SHARED_MS;
    const isKnown = last !== null && isFresh(last, 0n);
    if (watched.size > 0 && !isReading && !isKnown) share().catch(() => undefined); // The next slot reads again.
  });

  const isFresh = ({ snapshot, ...read }: Read, maxSlotsBehind: bigint): boolean =>
    read.version === version &&
    (snapshot.slot + maxSlotsBehind >= newestSlot ||
      (read.hintedSlot <= newestSlot && read.hintedSlot + maxSlotsBehind >= newestSlot)) &&
    msSince(clock, read.readAt) < slotMs * 2;

  async function readAll(): Promise<Read> {
    const readAt = clock.moment();
    const hintedSlot = newestSlot;
    const readVersion = version;
    const snapshot = await readSnapshot(reader, [...watched], readAt);
    return { snapshot, version: readVersion, readAt, hintedSlot };
  }

  function share(): Promise<Read> {
    // A read that began before an account was added lacks it.
    if (inFlight?.version === version && msSince(clock, inFlight.since) < SHARED_MS) return inFlight.read;
    const read = readAll();
    const current = { version, since: clock.moment(), read };
    inFlight = current;
    const end = () => {
      if (inFlight === current) inFlight = null;
    };
    read.then((done) => {
      if (!last || (done.version >= last.version && done.readAt >= last.readAt)) last = done;
      end();
    }, end);
    return read;
  }

  return {
    watch(addresses) {
      const before = watched.size;
      for (const address of addresses) watched.add(address);
      if (watched.size !== before) version += 1;
    },
    unwatch(addresses) {
      for (const address of addresses) if (watched.delete(address)) version += 1;
    },
    async snapshot() {
      if (last && isFresh(last, 1n)) return last.snapshot;
      return (await share()).snapshot;
    },
    close: unsubscribe,
  };
}

/**
 * Reads the accounts in chunks of one slot. If a slot passes between chunks it reads them again, and finally accepts
 * chunks of different slots.
 */
async function readSnapshot(
  reader: AccountReader,
  addresses: readonly string[],
  readAt: Moment,
): Promise<AccountSnapshot> {
  const chunks = chunksOf(addresses);
  for (let tries = 1; ; tries += 1) {
    const answers = await Promise.all(chunks.map((chunk) => reader.accounts(chunk)));
    const slots = answers.map((answer) => answer.slot);
    const slot = oldest(slots);
    if (tries < SAME_SLOT_TRIES && slots.some((each) => each !== slot)) continue;
    const data = new Map<string, Uint8Array>();
    for (const [index, { accounts }] of answers.entries()) {
      for (const [position, account] of accounts.entries()) {
        if (account) data.set(chunks[index]?.[position] as string, account.data);
      }
    }
    return { slot, readAt, data: (address) => data.get(address) };
  }
}

function chunksOf(addresses: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let start = 0; start < addresses.length; start += ACCOUNTS_PER_REQUEST)
    chunks.push(addresses.slice(start, start + ACCOUNTS_PER_REQUEST));
  return chunks;
}

function oldest(slots: readonly bigint[]): bigint {
  const [first = 0n, ...others] = slots;
  let lowest = first;
  for (const slot of others) if (slot < lowest) lowest = slot;
  return lowest;
}
