import type { Rpc } from './rpc.ts';

/** Timeout for the other nodes after the first answer, so that a hanging node does not delay every order. */
const GRACE_MS = 300;

export interface AgreedNumber {
  readonly lowest: bigint;
  /** Whether every node answered with the same number. */
  readonly isAgreed: boolean;
}

/**
 * Asks every node for a price and returns the lowest answer, so that a single node cannot raise costs.
 *
 * @throws {ChainUnavailable} No node answered: the first node's error.
 */
export async function agreedNumber(
  rpcs: readonly Rpc[],
  ask: (rpc: Rpc) => Promise<bigint>,
): Promise<AgreedNumber> {
  const answers: bigint[] = [];
  const asked = rpcs.map((rpc) =>
    ask(rpc).then((answer) => {
      answers.push(answer);
    }),
  );
  const all = Promise.allSettled(asked);
  await Promise.any(asked).catch(async () => {
    await asked[0]; // Rejects with the node's error.
  });
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS);
  });
  await Promise.race([all, grace]);
  clearTimeout(timer);
  const [lowest = 0n] = answers.toSorted((a, b) => (a < b ? -1 : 1));
  return { lowest, isAgreed: answers.length === rpcs.length && answers.every((one) => one === lowest) };
}
