import { ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { createAccountBytes } from '../pools/account-bytes.ts';
import type { InstructionAccount, SwapInstruction } from '../pools/swap-instruction.ts';

/** Instructions that prepare a wallet for a swap and clean up after it. Layouts: solana-program's own repositories. */

/** Creates an associated token account unless it exists. */
export function createTokenAccountIdempotent(account: {
  address: string;
  owner: string;
  mint: string;
}): SwapInstruction {
  const { address, owner, mint } = account;
  return {
    program: ASSOCIATED_TOKEN_PROGRAM,
    accounts: [
      { address: owner, isSigner: true, isWritable: true },
      writable(address),
      readonly(owner),
      readonly(mint),
      readonly(SYSTEM_PROGRAM),
      readonly(TOKEN_PROGRAM),
    ],
    data: Uint8Array.of(1),
  };
}

export function transferLamports(transfer: { from: string; to: string; lamports: bigint }): SwapInstruction {
  return {
    program: SYSTEM_PROGRAM,
    accounts: [{ address: transfer.from, isSigner: true, isWritable: true }, writable(transfer.to)],
    data: createAccountBytes(12).u32(0, 2).u64(4, transfer.lamports).bytes,
  };
}

/** Sets a wrapped-SOL account's token amount from its lamports. */
export function syncNative(tokenAccount: string): SwapInstruction {
  return { program: TOKEN_PROGRAM, accounts: [writable(tokenAccount)], data: Uint8Array.of(17) };
}

/** Closes a token account; its lamports go to the owner. */
export function closeTokenAccount(account: { address: string; owner: string }): SwapInstruction {
  const { address, owner } = account;
  return {
    program: TOKEN_PROGRAM,
    accounts: [writable(address), writable(owner), { address: owner, isSigner: true, isWritable: false }],
    data: Uint8Array.of(9),
  };
}

const writable = (address: string): InstructionAccount => ({ address, isSigner: false, isWritable: true });
const readonly = (address: string): InstructionAccount => ({ address, isSigner: false, isWritable: false });
