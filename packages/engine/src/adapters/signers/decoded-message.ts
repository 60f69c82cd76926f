import { encodeBase58 } from '@oee/amm';
import type { AccountUse, Instruction, LookupTable } from '../../ports/chain.ts';

export interface DecodedMessage {
  readonly payer: string;
  readonly requiredSignatures: number;
  readonly instructions: readonly Instruction[];
  /** Accounts that the bytes list; the others come from lookup tables. */
  readonly listed: ReadonlySet<string>;
}

/** The bytes are not a version 0 message, or its lookup tables are not known. */
export class UnreadableMessage extends Error {
  override name = 'UnreadableMessage';
}

const VERSION_0 = 0x80;

/**
 * Reads a version 0 message with a validator's strictness: no duplicate accounts, no trailing bytes.
 * Layout: https://solana.com/docs/core/transactions/versions
 *
 * @param tables What the lookup tables that the message names hold, read by the reader's own means.
 * @throws {UnreadableMessage} With the rule that the bytes break.
 */
export function decodeMessage(bytes: Uint8Array, tables: readonly LookupTable[] = []): DecodedMessage {
  const { listed, requiredSignatures, readonlySigned, readonlyUnsigned, raw, lookups } = parse(bytes);
  const isReadonly = (index: number) =>
    index < requiredSignatures
      ? index >= requiredSignatures - readonlySigned
      : index >= listed.length - readonlyUnsigned;
  const accounts: AccountUse[] = [
    ...listed.map((address, index) => ({
      address,
      signer: index < requiredSignatures,
      writable: !isReadonly(index),
    })),
    ...lookups.flatMap((one) => loadedFrom(one.table, one.writable, tables, true)),
    ...lookups.flatMap((one) => loadedFrom(one.table, one.readonly, tables, false)),
  ];
  const account = (index: number): AccountUse => {
    const use = accounts[index];
    if (!use) throw new UnreadableMessage('an instruction names an account that is not listed');
    return use;
  };
  const instructions = raw.map(({ program, uses, data }): Instruction => {
    if (program >= listed.length) throw new UnreadableMessage('it runs a program that is not listed');
    return { programAddress: account(program).address, accounts: uses.map(account), data };
  });
  if (new Set(accounts.map(({ address }) => address)).size !== accounts.length)
    throw new UnreadableMessage('an account is listed twice');
  const [payer] = listed;
  if (payer === undefined || requiredSignatures === 0 || isReadonly(0))
    throw new UnreadableMessage('it has no writable payer');
  return { payer, requiredSignatures, instructions, listed: new Set(listed) };
}

/**
 * The lookup tables that a message names.
 *
 * @throws {UnreadableMessage}
 */
export const tablesOf = (bytes: Uint8Array): string[] => parse(bytes).lookups.map(({ table }) => table);

function parse(bytes: Uint8Array) {
  const reader = new Reader(bytes);
  if (reader.byte() !== VERSION_0) throw new UnreadableMessage('not a version 0 message');
  const requiredSignatures = reader.byte();
  const readonlySigned = reader.byte();
  const readonlyUnsigned = reader.byte();
  const listed = reader.list(() => encodeBase58(reader.take(32)));
  reader.take(32); // Any blockhash is allowed: it only limits how long the message is valid.
  const raw = reader.list(() => ({
    program: reader.byte(),
    uses: reader.list(() => reader.byte()),
    data: reader.take(reader.length()),
  }));
  const lookups = reader.list(() => ({
    table: encodeBase58(reader.take(32)),
    writable: reader.list(() => reader.byte()),
    readonly: reader.list(() => reader.byte()),
  }));
  reader.end();
  return { requiredSignatures, readonlySigned, readonlyUnsigned, listed, raw, lookups };
}

function loadedFrom(
  address: string,
  entries: readonly number[],
  tables: readonly LookupTable[],
  writable: boolean,
): AccountUse[] {
  const table = tables.find((one) => one.address === address);
  if (!table) throw new UnreadableMessage(`the lookup table ${address} could not be read`);
  return entries.map((entry) => {
    const found = table.addresses[entry];
    if (found === undefined) throw new UnreadableMessage('a lookup table lacks the requested entry');
    return { address: found, signer: false, writable };
  });
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

  /** Solana's compact-u16; each length has exactly one valid encoding. */
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
