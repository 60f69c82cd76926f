import { requireAddressBytes } from '@oee/solana';
import {
  type AccountUse,
  type Instruction,
  type MessageParts,
  TransactionTooLarge,
} from '../../ports/chain.ts';
import { createReceipt, memo, setComputeUnitLimit, setComputeUnitPrice } from './instructions.ts';
import { moveToTables, type PlacedAccounts } from './table-lookups.ts';

// One network packet: https://solana.com/docs/core/transactions#transaction-size
const MAX_TRANSACTION_BYTES = 1_232;
const MAX_ACCOUNTS = 64;
const SIGNATURE_SECTION_BYTES = 1 + 64;
const VERSION_0 = 0x80;

/**
 * Compiles a version 0 message, signed by the payer alone; it uses lookup tables only if the message does not fit
 * otherwise.
 * Layout: https://solana.com/docs/core/transactions/versions
 *
 * @throws {TransactionTooLarge} Over 1,232 bytes with its signature, or over 64 accounts.
 */
export function compileMessage(parts: MessageParts): Uint8Array {
  const receipt = parts.receipt ? [createReceipt(parts.payer, parts.receipt)] : [];
  const instructions = [...receipt, ...computeBudget(parts), memo(parts.memo), ...parts.instructions];
  const accounts = orderAccounts(parts.payer, instructions);
  if (accounts.length > MAX_ACCOUNTS)
    throw new TransactionTooLarge(`${accounts.length} accounts, at most ${MAX_ACCOUNTS} fit`);
  let bytes = encode(parts.blockhash, instructions, { listed: accounts, lookups: [] });
  if (sizeOf(bytes) > MAX_TRANSACTION_BYTES && parts.lookupTables)
    bytes = encode(parts.blockhash, instructions, moveToTables(accounts, instructions, parts.lookupTables));
  if (sizeOf(bytes) > MAX_TRANSACTION_BYTES)
    throw new TransactionTooLarge(`${sizeOf(bytes)} bytes, at most ${MAX_TRANSACTION_BYTES} fit`);
  return Uint8Array.from(bytes);
}

const sizeOf = (bytes: readonly number[]): number => bytes.length + SIGNATURE_SECTION_BYTES;

function encode(
  blockhash: string,
  instructions: readonly Instruction[],
  { listed, lookups }: PlacedAccounts,
): readonly number[] {
  // Loaded accounts are numbered after the listed ones: the writable ones of all tables first, then the read-only ones
  // of all.
  const loaded = [...lookups.flatMap(({ writable }) => writable), ...lookups.flatMap((one) => one.readonly)];
  const order = [...listed, ...loaded].map(({ address }) => address);
  const indexes = new Map(order.map((address, index) => [address, index]));
  const bytes: number[] = [VERSION_0, ...header(listed)];
  pushLength(bytes, listed.length);
  for (const account of listed) push(bytes, requireAddressBytes(account.address));
  push(bytes, requireAddressBytes(blockhash)); // 32 bytes like an address, and shared by the orders of a slot.
  pushLength(bytes, instructions.length);
  for (const instruction of instructions) {
    bytes.push(indexes.get(instruction.programAddress) as number);
    pushLength(bytes, instruction.accounts.length);
    for (const account of instruction.accounts) bytes.push(indexes.get(account.address) as number);
    pushLength(bytes, instruction.data.length);
    push(bytes, instruction.data);
  }
  pushLength(bytes, lookups.length);
  for (const { table, writable, readonly } of lookups) {
    push(bytes, requireAddressBytes(table));
    for (const entries of [writable, readonly]) {
      pushLength(bytes, entries.length);
      bytes.push(...entries.map(({ entry }) => entry));
    }
  }
  return bytes;
}

function computeBudget(parts: MessageParts): Instruction[] {
  const limit = setComputeUnitLimit(parts.computeUnitLimit);
  if (parts.computeUnitPriceMicroLamports === 0n) return [limit];
  return [limit, setComputeUnitPrice(parts.computeUnitPriceMicroLamports)];
}

/** Signers before others, writable before read-only, the payer first of all; each address once with its widest use. */
function orderAccounts(payer: string, instructions: readonly Instruction[]): AccountUse[] {
  const uses = new Map<string, AccountUse>([[payer, { address: payer, signer: true, writable: true }]]);
  const add = (use: AccountUse) => {
    const known = uses.get(use.address);
    uses.set(use.address, {
      address: use.address,
      signer: use.signer || known?.signer === true,
      writable: use.writable || known?.writable === true,
    });
  };
  for (const { programAddress, accounts } of instructions) {
    for (const account of accounts) add(account);
    add({ address: programAddress, signer: false, writable: false });
  }
  const rank = (use: AccountUse) =>
    use.address === payer ? -1 : (use.signer ? 0 : 2) + (use.writable ? 0 : 1);
  return [...uses.values()].sort((left, right) => rank(left) - rank(right));
}

/** Number of signers, of read-only signers, and of read-only accounts that do not sign. */
function header(accounts: readonly AccountUse[]): [number, number, number] {
  const count = (matches: (use: AccountUse) => boolean) => accounts.filter(matches).length;
  const signers = count((use) => use.signer);
  if (signers !== 1) throw new Error(`${signers} signers: the engine signs for the payer alone`);
  return [signers, count((use) => use.signer && !use.writable), count((use) => !use.signer && !use.writable)];
}

function push(bytes: number[], more: Uint8Array): void {
  for (const byte of more) bytes.push(byte);
}

/** Solana's compact-u16: seven bits per byte, the lowest first. */
function pushLength(bytes: number[], length: number): void {
  for (let rest = length; ; rest >>= 7) {
    if (rest < 0x80) {
      bytes.push(rest);
      return;
    }
    bytes.push((rest & 0x7f) | 0x80);
  }
}
