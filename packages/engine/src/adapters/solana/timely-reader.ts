import type { ChainTime } from '../../domain/chain-time.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * Reads accounts from a node with a plausible slot: not one that the chain cannot have reached, nor one that is too old
 * for a quote. If no node has such a slot, it returns the answer of `any`.
 *
 * @param any Any of the nodes; asked first.
 * @param maxSlotsBehind As for quotes.
 */
export function createTimelyReader(options: {
  readonly any: AccountReader;
  readonly nodes: readonly AccountReader[];
  readonly time: ChainTime;
  readonly maxSlotsBehind: number;
  readonly clock: Pick<Clock, 'moment'>;
}): AccountReader {
  const { any, nodes, time, maxSlotsBehind, clock } = options;
  const isTimely = ({ slot }: { readonly slot: bigint }): boolean =>
    time.slots.answeredAt === null ||
    (time.slots.allows(slot, clock.moment()) && slot + BigInt(maxSlotsBehind) >= time.slots.newest);
  return {
    ...any,
    async accounts(addresses) {
      const first = await any.accounts(addresses);
      if (nodes.length < 2 || isTimely(first)) return first;
      const others = await Promise.allSettled(nodes.map((node) => node.accounts(addresses)));
      const answers = others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      return answers.find(isTimely) ?? first;
    },
  };
}
