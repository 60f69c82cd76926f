import { decodeBase58 } from '@oee/amm';
import { ASSOCIATED_TOKEN_PROGRAM, COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAM, SYSTEM_PROGRAM } from '@oee/solana';
import type { Receipt } from '../../domain/receipt.ts';
import type { Mint } from '../../domain/token.ts';
import type { AccountUse, Instruction } from '../../ports/chain.ts';

/** Source: solana-sdk, compute_budget.rs (borsh, one tag byte). */
export function setComputeUnitLimit(units: number): Instruction {
  const data = Buffer.alloc(5);
  data[0] = 2;
  data.writeUInt32LE(units, 1);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, accounts: [], data };
}

/** Micro-lamports per compute unit. */
export function setComputeUnitPrice(microLamports: bigint): Instruction {
  const data = Buffer.alloc(9);
  data[0] = 3;
  data.writeBigUInt64LE(microLamports, 1);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, accounts: [], data };
}

/** An account without data at the receipt's address. Source: solana-sdk, system_instruction.rs: tag 3, CreateAccountWithSeed. */
export function createReceipt(owner: string, { address, seed, lamports }: Receipt): Instruction {
  const space = 0n;
  return {
    programAddress: SYSTEM_PROGRAM,
    accounts: [signer(owner), writable(address)],
    data: Buffer.concat([
      u32(3),
      decodeBase58(owner),
      withLength(seed),
      u64(lamports),
      u64(space),
      decodeBase58(SYSTEM_PROGRAM),
    ]),
  };
}

/** Returns the receipt's whole balance to its owner. Source: system_instruction.rs: tag 11, TransferWithSeed. */
export function closeReceipt(owner: string, { address, seed, lamports }: Receipt): Instruction {
  return {
    programAddress: SYSTEM_PROGRAM,
    accounts: [writable(address), { ...signer(owner), writable: false }, writable(owner)],
    data: Buffer.concat([u32(11), u64(lamports), withLength(seed), decodeBase58(SYSTEM_PROGRAM)]),
  };
}

/** Creates the owner's associated token account if it does not exist. Source: spl-associated-token-account. */
export function createTokenAccountIdempotent(account: {
  payer: string;
  address: string;
  mint: Mint;
  tokenProgram: string;
}): Instruction {
  const { payer, address, mint, tokenProgram } = account;
  return {
    programAddress: ASSOCIATED_TOKEN_PROGRAM,
    accounts: [
      signer(payer),
      writable(address),
      readonly(payer),
      readonly(mint),
      readonly(SYSTEM_PROGRAM),
      readonly(tokenProgram),
    ],
    data: Uint8Array.of(1),
  };
}

/** Bytes of a token account of the SPL Token program. */
export const TOKEN_ACCOUNT_BYTES = 165;

/**
 * Creates a token account of the payer with these lamports; the part above the rent is wrapped SOL. Sources:
 * solana-sdk, system_instruction.rs: tag 3, CreateAccountWithSeed; spl-token instruction 18, InitializeAccount3.
 */
export function createWrappedSol(
  payer: string,
  account: { address: string; seed: string; lamports: bigint; mint: Mint; tokenProgram: string },
): Instruction[] {
  const { address, seed, lamports, mint, tokenProgram } = account;
  return [
    {
      programAddress: SYSTEM_PROGRAM,
      accounts: [signer(payer), writable(address)],
      data: Buffer.concat([
        u32(3),
        decodeBase58(payer),
        withLength(seed),
        u64(lamports),
        u64(BigInt(TOKEN_ACCOUNT_BYTES)),
        decodeBase58(tokenProgram),
      ]),
    },
    {
      programAddress: tokenProgram,
      accounts: [writable(address), readonly(mint)],
      data: Buffer.concat([Uint8Array.of(18), decodeBase58(payer)]),
    },
  ];
}

/** Closes a token account; all its lamports go to the owner. Source: spl-token instruction 9. */
export function closeTokenAccount(
  tokenProgram: string,
  account: { address: string; owner: string },
): Instruction {
  return {
    programAddress: tokenProgram,
    accounts: [
      writable(account.address),
      writable(account.owner),
      { ...readonly(account.owner), signer: true },
    ],
    data: Uint8Array.of(9),
  };
}

const signer = (address: string): AccountUse => ({ address, signer: true, writable: true });
const writable = (address: string): AccountUse => ({ address, signer: false, writable: true });
const readonly = (address: string): AccountUse => ({ address, signer: false, writable: false });

/**
 * A text that the ledger keeps with the transaction. Source: spl-memo; the instruction names no signer, and needs none.
 */
export function memo(text: string): Instruction {
  return { programAddress: MEMO_PROGRAM, accounts: [], data: Buffer.from(text, 'utf8') };
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** Bincode's string: its length as u64, then its bytes. */
const withLength = (text: string): Buffer =>
  Buffer.concat([u64(BigInt(Buffer.byteLength(text))), Buffer.from(text)]);
