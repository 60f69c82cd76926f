import type { Moment } from '../../domain/moment.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import { agreedNumber } from './agreed-number.ts';
import { toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

// The rent changes with the network's features, not within minutes.
const MAX_AGE_MS = 600_000;

/** Lamports that an account of this many bytes must hold. @throws {ChainUnavailable} No node answered. */
export type Rent = (dataBytes: number) => Promise<bigint>;

/**
 * Reads the rent from every node and takes the lowest answer. It caches the answer for ten minutes if all nodes agree.
 */
export function createRent(rpcs: readonly Rpc[], clock: Pick<Clock, 'moment'>): Rent {
  const remembered = new Map<number, { readonly lamports: bigint; readonly readAt: Moment }>();
  return async (dataBytes) => {
    const known = remembered.get(dataBytes);
    if (known && msSince(clock, known.readAt) < MAX_AGE_MS) return known.lamports;
    const { lowest, isAgreed } = await agreedNumber(rpcs, (rpc) =>
      rpc.call('getMinimumBalanceForRentExemption', [dataBytes], toU64),
    );
    if (isAgreed) remembered.set(dataBytes, { lamports: lowest, readAt: clock.moment() });
    return lowest;
  };
}
