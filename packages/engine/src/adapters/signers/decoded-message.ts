import { encodeBase58 } from '@oee/amm';
import type { Instruction } from '../../ports/chain.ts';

export interface DecodedMessage {
  readonly payer: string;
  readonly requiredSignatures: number;
  readonly instructions: readonly Instruction[];
}

/** The bytes are not a version 0 message that says everything in itself. */
export class UnreadableMessage extends Error {
  override name = 'UnreadableMessage';
}

const VERSION_0 = 0x80;

/**
 * Reads a version 0 message as a validator would, and nothing but that: no lookup tables, whose accounts the bytes do
 * not show, no doubled accounts, no bytes left over. Layout: https://solana.com/docs/core/transactions/versions
 *
 * @throws {UnreadableMessage} With the rule that the bytes break.
 */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const reader = new Reader(bytes);
  if (reader.byte() !== VERSION_0) throw new UnreadableMessage('not a version 0 message');
  const requiredSignatures = reader.byte();
  const readonlySigned = reader.byte();
  const readonlyUnsigned = reader.byte();
  const addresses = reader.list(() => encodeBase58(reader.take(32)));
  reader.take(32); // The blockhash: any will do, it only limits how long the message lives.
  const isReadonly = (index: number) =>
    index < requiredSignatures
      ? index >= requiredSignatures - readonlySigned
      : index >= addresses.length - readonlyUnsigned;
  const account = (index: number) => {
    const address = addresses[index];
    if (address === undefined)
      throw new UnreadableMessage('an instruction names an account that is not listed');
    return { address, signer: index < requiredSignatures, writable: !isReadonly(index) };
  };
  const instructions = reader.list(
    (): Instruction => ({
      programAddress: account(reader.byte()).address,
      accounts: reader.list(() => account(reader.byte())),
      data: reader.take(reader.length()),
    }),
  );
  if (reader.length() !== 0) throw new UnreadableMessage('it uses address lookup tables');
  reader.end();
  if (new Set(addresses).size !== addresses.length) throw new UnreadableMessage('an account is listed twice');
  const [payer] = addresses;
  if (payer === undefined || requiredSignatures === 0 || isReadonly(0))
    throw new UnreadableMessage('it has no writable payer');
  return { payer, requiredSignatures, instructions };
}

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  take(count: number): Uint8Array {
    const end = this.#position + count;
    if (end > this.#bytes.length) throw new UnreadableMessage('it is cut short');
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  /** Solana's compact-u16; a length has one way to be written. */
  length(): number {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if ((byte === 0 && shift > 0) || value > 0xffff) break;
        return value;
      }
    }
    throw new UnreadableMessage('a length is written wrongly');
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.length() }, read);
  }

  end(): void {
    if (this.#position !== this.#bytes.length) throw new UnreadableMessage('bytes follow its end');
  }
}
