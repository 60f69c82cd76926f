import { decodeBase58 } from '@oee/amm';
import { SYSTEM_PROGRAM, seededAddress, TOKEN_PROGRAM } from '@oee/solana';
import { SOL_MINT } from '../../domain/token.ts';
import type { Instruction } from '../../ports/chain.ts';
import { WRAP_SEED_CHARACTERS } from '../../ports/chain-limits.ts';
import type { SigningPolicy } from '../../ports/signer.ts';
import { require } from './refuse.ts';

const CREATE_ACCOUNT_WITH_SEED = 3;
const INITIALIZE_ACCOUNT_3 = 18;
const CLOSE_ACCOUNT = 9;
const TOKEN_ACCOUNT_BYTES = 165n;
const SEED_AT = 4 + 32 + 8;
const LAMPORTS_AT = SEED_AT + WRAP_SEED_CHARACTERS;
// Twice the usual rent of a token account. The rent is returned, but a transaction must not lock up more.
const MAX_RENT_LAMPORTS = 4_100_000n;

/** The account of wrapped SOL that a message creates for itself, and the three instructions for it. */
export interface Wrapping {
  readonly address: string;
  readonly instructions: ReadonlySet<Instruction>;
}

/**
 * The only account of wrapped SOL that the message may use: created from the wallet's key, initialized at once, and
 * closed by the last instruction, which returns its whole balance to the wallet. No other instruction may wrap or
 * unwrap, so the balance of the wallet's own account of wrapped SOL stays.
 *
 * @returns Null where the message wraps nothing.
 * @throws {PolicyRefused} With the rule that it breaks.
 */
export function findWrapping(
  owner: string,
  instructions: readonly Instruction[],
  policy: SigningPolicy,
): Wrapping | null {
  const at = instructions.findIndex(isCreation);
  const creation = instructions[at];
  if (!creation) return null;
  const mints = [policy.mintIn, policy.mintOut, ...(policy.intermediateMints ?? [])];
  require(mints.includes(SOL_MINT), 'it wraps SOL, which is not of the order');
  const address = checkCreation(owner, creation, policy);
  const [initialization, closing] = [instructions[at + 1], instructions.at(-1)];
  require(initialization !== undefined &&
    isInitialization(initialization, { address, owner }), "wrapped SOL is not made the wallet's at once");
  require(closing !== undefined &&
    isClosing(closing, { address, owner }), 'it does not end by unwrapping its SOL to the wallet');
  return { address, instructions: new Set([creation, initialization, closing]) };
}

/** Whether a system instruction creates an account with data; a receipt has none. */
function isCreation({ programAddress, data }: Instruction): boolean {
  const bytes = Buffer.from(data);
  return (
    programAddress === SYSTEM_PROGRAM &&
    bytes.length === LAMPORTS_AT + 8 + 8 + 32 &&
    bytes.readUInt32LE(0) === CREATE_ACCOUNT_WITH_SEED
  );
}

/** @returns The address, derived here. */
function checkCreation(owner: string, { accounts, data }: Instruction, policy: SigningPolicy): string {
  const bytes = Buffer.from(data);
  require(bytes.subarray(4, 36).equals(decodeBase58(owner)), 'wrapped SOL is derived from another wallet');
  require(bytes.readBigUInt64LE(36) === BigInt(WRAP_SEED_CHARACTERS), 'a seed is not of the known length');
  require(bytes.readBigUInt64LE(LAMPORTS_AT + 8) ===
    TOKEN_ACCOUNT_BYTES, 'an account is created that is not of a token');
  require(bytes
    .subarray(LAMPORTS_AT + 16)
    .equals(decodeBase58(TOKEN_PROGRAM)), 'an account is created for another program');
  const lamports = bytes.readBigUInt64LE(LAMPORTS_AT);
  const most = (policy.mintIn === SOL_MINT ? policy.maxAmountIn : 0n) + MAX_RENT_LAMPORTS;
  require(lamports <= most, `it wraps ${lamports} lamports with the rent, allowed are ${most}`);
  const address = seededAddress(owner, bytes.toString('latin1', SEED_AT, LAMPORTS_AT), TOKEN_PROGRAM);
  require(accounts.length === 2 &&
    accounts[0]?.address === owner, 'wrapped SOL is paid for by another wallet');
  require(accounts[1]?.address === address, 'wrapped SOL has another address');
  return address;
}

interface Own {
  readonly address: string;
  readonly owner: string;
}

function isInitialization({ programAddress, accounts, data }: Instruction, { address, owner }: Own): boolean {
  return (
    programAddress === TOKEN_PROGRAM &&
    data[0] === INITIALIZE_ACCOUNT_3 &&
    Buffer.from(data.subarray(1)).equals(decodeBase58(owner)) &&
    isList(accounts, [address, SOL_MINT])
  );
}

const isClosing = ({ programAddress, accounts, data }: Instruction, { address, owner }: Own): boolean =>
  programAddress === TOKEN_PROGRAM &&
  data.length === 1 &&
  data[0] === CLOSE_ACCOUNT &&
  isList(accounts, [address, owner, owner]);

const isList = (accounts: Instruction['accounts'], addresses: readonly string[]): boolean =>
  accounts.length === addresses.length && accounts.every((use, index) => use.address === addresses[index]);
