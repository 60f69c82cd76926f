import type { AccountFeed, AccountSnapshot } from '../../ports/account-feed.ts';

export type SnapshotOutcome =
  | { readonly outcome: 'read'; readonly snapshot: AccountSnapshot }
  | { readonly outcome: 'missing'; readonly reason: string };

const TIMEOUT = {
  outcome: 'missing',
  reason: 'The accounts were not read in time.',
} as const;

/** The feed's newest snapshot, or the reason why none arrived before the signal aborted. Never rejects. */
export async function snapshotBefore(feed: AccountFeed, signal: AbortSignal): Promise<SnapshotOutcome> {
  if (signal.aborted) return TIMEOUT;
  const { promise: aborted, resolve: abort } = deferred<SnapshotOutcome>();
  const onAbort = () => abort(TIMEOUT);
  signal.addEventListener('abort', onAbort, { once: true });
  const read = feed.snapshot().then(
    (snapshot): SnapshotOutcome => ({ outcome: 'read', snapshot }),
    (error: unknown): SnapshotOutcome => ({
      outcome: 'missing',
      reason: `The accounts could not be read: ${error instanceof Error ? error.message : String(error)}`,
    }),
  );
  try {
    return await Promise.race([read, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
