import { ChainCounter } from './chain-counter.ts';

/** The chain's slot and heights, judged over its nodes (docs/execution.md#numbers-from-nodes). */
export class ChainTime {
  readonly slots = new ChainCounter();
  /** Last heights at which a blockhash of now is valid: so far ahead of the block height as the chain lets them live. */
  readonly horizons = new ChainCounter();
  /** The nodes that gave no answer when all were asked last, by name. */
  silent: readonly string[] = [];
}
