import { decodeBase58 } from '@oee/amm';
import { SYSTEM_PROGRAM, seededAddress } from '@oee/solana';
import type { Receipt } from '../../domain/receipt.ts';
import type { Instruction } from '../../ports/chain.ts';
import type { ReceiptPolicy } from '../../ports/signer.ts';
import { checkMessage, type MessageContext } from './check-message.ts';
import { refuse, require } from './refuse.ts';

const CREATE_ACCOUNT_WITH_SEED = 3;
const TRANSFER_WITH_SEED = 11;
const SEED_CHARACTERS = 32;
// Twice the usual rent of an account without data, so that a receipt cannot drain the wallet's SOL.
const MAX_RECEIPT_LAMPORTS = 2_000_000n;

/**
 * Requires that a message only creates one receipt, or only closes receipts.
 *
 * @throws {PolicyRefused} With the rule that the message breaks.
 */
export async function checkReceiptPolicy(
  context: MessageContext,
  message: Uint8Array,
  policy: ReceiptPolicy,
): Promise<void> {
  // Lookup tables are not allowed: the signed bytes must list every account.
  const { rest } = await checkMessage({ ...context, lookupTables: undefined }, message);
  require(rest.length > 0, 'it neither creates nor closes a receipt');
  if (policy.action === 'create') {
    require(rest.length === 1, 'it does more than to create a receipt');
    requireCreates(context.address, rest[0], policy.receipt);
  } else for (const instruction of rest) requireCloses(context.address, instruction, policy.receipts);
}

/** Requires that the instruction creates exactly this receipt of the wallet; the signer derives the address. */
export function requireCreates(
  owner: string,
  instruction: Instruction | undefined,
  { address, seed, lamports }: Receipt,
): void {
  require(instruction !== undefined &&
    isReceiptCreation(instruction), 'it does not create its receipt first');
  const { accounts } = instruction;
  const data = Buffer.from(instruction.data);
  const base = decodeBase58(owner);
  require(data.length ===
    4 + 32 + 8 + SEED_CHARACTERS + 8 + 8 + 32, 'a receipt is created in an unknown form');
  require(data.subarray(4, 36).equals(base), 'a receipt is derived from another wallet');
  require(readSeed(data, 36) === seed, 'a receipt has another seed');
  require(data.readBigUInt64LE(76) === lamports &&
    lamports <= MAX_RECEIPT_LAMPORTS, 'a receipt costs too much');
  require(data.readBigUInt64LE(84) === 0n, 'a receipt holds data');
  require(data.subarray(92).equals(decodeBase58(SYSTEM_PROGRAM)), 'a receipt belongs to a program');
  require(accounts.length === 2 && accounts[0]?.address === owner, 'a receipt is paid for by another wallet');
  require(address === seededAddress(owner, seed, SYSTEM_PROGRAM), 'a receipt has another address');
  require(accounts[1]?.address === address, 'a receipt is created at another address');
}

/** Whether a system instruction is of the kind that creates receipts. */
export const isReceiptCreation = ({ programAddress, data }: Instruction): boolean =>
  programAddress === SYSTEM_PROGRAM && data.length >= 4 && tagOf(data) === CREATE_ACCOUNT_WITH_SEED;

/** Requires that lamports move from one of the receipts, derived from the wallet's key, to the wallet. */
function requireCloses(
  owner: string,
  { programAddress, accounts, data }: Instruction,
  receipts: readonly Receipt[],
): void {
  const bytes = Buffer.from(data);
  require(programAddress === SYSTEM_PROGRAM &&
    bytes.length === 4 + 8 + 8 + SEED_CHARACTERS + 32 &&
    tagOf(bytes) === TRANSFER_WITH_SEED, 'an instruction closes no receipt');
  const [from, base, to] = accounts.map(({ address }) => address);
  const seed = readSeed(bytes, 12);
  require(accounts.length === 3 && base === owner && to === owner, 'the rent of a receipt leaves the wallet');
  require(bytes.subarray(52).equals(decodeBase58(SYSTEM_PROGRAM)), 'a receipt belongs to a program');
  require(receipts.some((receipt) => receipt.seed === seed) &&
    from === seededAddress(owner, seed, SYSTEM_PROGRAM), 'it closes a receipt that it was not told to');
}

const tagOf = (data: Uint8Array): number => Buffer.from(data).readUInt32LE(0);

/** Bincode's string at an offset; its length is fixed by the length of the instruction. */
function readSeed(data: Buffer, at: number): string {
  if (data.readBigUInt64LE(at) !== BigInt(SEED_CHARACTERS)) refuse('a seed is not of the known length');
  return data.toString('latin1', at + 8, at + 8 + SEED_CHARACTERS);
}
