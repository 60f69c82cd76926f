import { randomFillSync } from 'node:crypto';
import type { Random } from '../../ports/random.ts';

/** Chance from the operating system. */
export function createSystemRandom(): Random {
  let lastMs = 0;
  let counter = 0;
  const pool = new Uint8Array(8_192);
  let used = pool.length;

  /** Ids of one process never run backwards: within a millisecond a 12-bit counter goes on, then time is advanced. */
  function uuid(): string {
    const nowMs = Date.now();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    const time = lastMs.toString(16).padStart(12, '0');
    const tail = Buffer.from(take(8));
    tail[0] = 0x80 | (tail[0]! & 0x3f);
    const hex = tail.toString('hex');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${hex.slice(0, 4)}-${hex.slice(4)}`;
  }

  function take(length: number): Uint8Array {
    if (used + length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  }

  return { uuid, fraction: () => Math.random() };
}
