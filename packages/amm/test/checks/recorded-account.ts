import { integerOf, type Json, listOf, numberOf, recordOf, textOf } from './vector-fields.ts';

/** An account as `npm run differential -- --record` writes it: what is not zero, as [offset, hex]. */
export interface RecordedAccount {
  readonly address: string;
  readonly owner: string;
  readonly data: Buffer;
}

export function readRecordedAccount(value: unknown, name: string): RecordedAccount {
  const account = recordOf(value, name);
  const data = withBytes(Buffer.alloc(numberOf(account, 'length')), account.bytes);
  return { address: textOf(account, 'address'), owner: textOf(account, 'owner'), data };
}

/** @param bytes Ranges that follow, as [offset, hex]; the data never grows. */
export function withBytes(data: Buffer, bytes: unknown): Buffer {
  const changed = Buffer.from(data);
  for (const range of listOf(bytes, 'bytes')) {
    const [offset, hex] = listOf(range, 'a range of bytes');
    if (typeof offset !== 'number' || typeof hex !== 'string')
      throw new Error(`a range of bytes is not [offset, hex]: ${JSON.stringify(range)}`);
    changed.set(Buffer.from(hex, 'hex'), offset);
  }
  return changed;
}

/** The chain's time before a recorded swap. */
export function readRecordedClock(step: Json) {
  const [slot, epoch, unixTimestamp] = listOf(step.clock, 'clock');
  const clock = { slot, epoch, unixTimestamp };
  return {
    slot: integerOf(clock, 'slot'),
    epoch: integerOf(clock, 'epoch'),
    unixTimestamp: integerOf(clock, 'unixTimestamp'),
  };
}
