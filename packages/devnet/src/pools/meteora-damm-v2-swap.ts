import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { createAccountBytes } from './account-bytes.ts';
import { METEORA_DAMM_V2_AUTHORITY, METEORA_DAMM_V2_EVENT_AUTHORITY } from './addresses.ts';
import type { DammAddresses } from './meteora-damm-v2.ts';
import type { SwapInstruction } from './swap-instruction.ts';

const SWAP2 = Uint8Array.of(0x41, 0x4b, 0x3f, 0x4c, 0xeb, 0x5b, 0x5b, 0x88);
/** The older instruction: exact in, without a mode. */
const SWAP = Uint8Array.of(0xf8, 0xc6, 0x9e, 0x91, 0xe1, 0x75, 0x87, 0xc8);

/**
 * Mode 0: exactly `amount0` in for at least `amount1`. 1: up to `amount0` in. 2: exactly `amount0` out for at most
 * `amount1`. No mode: the older instruction, which is exact in.
 */
export function createDammSwap(swap: {
  addresses: DammAddresses;
  payer: string;
  userIn: string;
  userOut: string;
  amount0: bigint;
  amount1: bigint;
  mode?: number | 'none';
  referral?: string;
  /** Behind the others: a pool whose rate limiter is active wants the sysvar of the transaction's instructions. */
  remaining?: readonly string[];
}): SwapInstruction {
  const { addresses } = swap;
  const data = createAccountBytes(swap.mode === 'none' ? 24 : 25)
    .raw(0, swap.mode === 'none' ? SWAP : SWAP2)
    .u64(8, swap.amount0)
    .u64(16, swap.amount1);
  if (swap.mode !== 'none') data.u8(24, swap.mode ?? 0);
  const referral = swap.referral ?? METEORA_DAMM_V2_PROGRAM;
  return {
    program: METEORA_DAMM_V2_PROGRAM,
    data: data.bytes,
    accounts: [
      { address: METEORA_DAMM_V2_AUTHORITY, isSigner: false, isWritable: false },
      { address: addresses.pool, isSigner: false, isWritable: true },
      { address: swap.userIn, isSigner: false, isWritable: true },
      { address: swap.userOut, isSigner: false, isWritable: true },
      { address: addresses.vaultA, isSigner: false, isWritable: true },
      { address: addresses.vaultB, isSigner: false, isWritable: true },
      { address: addresses.mintA, isSigner: false, isWritable: false },
      { address: addresses.mintB, isSigner: false, isWritable: false },
      { address: swap.payer, isSigner: true, isWritable: false },
      { address: addresses.tokenProgramA, isSigner: false, isWritable: false },
      { address: addresses.tokenProgramB, isSigner: false, isWritable: false },
      { address: referral, isSigner: false, isWritable: swap.referral !== undefined },
      { address: METEORA_DAMM_V2_EVENT_AUTHORITY, isSigner: false, isWritable: false },
      { address: METEORA_DAMM_V2_PROGRAM, isSigner: false, isWritable: false },
      ...(swap.remaining ?? []).map((address) => ({ address, isSigner: false, isWritable: false })),
    ],
  };
}
