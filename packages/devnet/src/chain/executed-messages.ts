import { messageHash } from './block-executor.ts';
import { BLOCKHASH_LIFETIME_BLOCKS, type BlockHistory } from './block-history.ts';
import type { WireMessage } from './wire-transaction.ts';

/** Hashes of executed messages, by their blockhash: no message runs twice. */
export class ExecutedMessages {
  private readonly byBlockhash = new Map<string, Set<string>>();

  constructor(known: ReadonlyMap<string, ReadonlySet<string>>) {
    for (const [blockhash, hashes] of known) this.byBlockhash.set(blockhash, new Set(hashes));
  }

  get all(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.byBlockhash;
  }

  has(message: WireMessage): boolean {
    return this.byBlockhash.get(message.blockhash)?.has(messageHash(message)) === true;
  }

  add(message: WireMessage): void {
    const hashes = this.byBlockhash.get(message.blockhash) ?? new Set();
    this.byBlockhash.set(message.blockhash, hashes.add(messageHash(message)));
  }

  /** Allows a message to run again after its block was dropped. */
  remove(message: WireMessage): void {
    this.byBlockhash.get(message.blockhash)?.delete(messageHash(message));
  }

  /** Forgets messages whose blockhash can no longer be used at a height. */
  forgetExpired(history: BlockHistory, height: number): void {
    for (const hash of this.byBlockhash.keys()) {
      const block = history.find(hash);
      if (block === undefined || block.height + BLOCKHASH_LIFETIME_BLOCKS < height) {
        this.byBlockhash.delete(hash);
      }
    }
  }
}
