import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { INSTRUCTIONS_SYSVAR } from '@oee/solana';
import type { SwapMode } from '../../../domain/quote.ts';
import { toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { LegSwap } from '../../../ports/venue.ts';
import { authority, readonly, writable } from '../account-use.ts';
import type { PoolAddresses } from '../pool-program.ts';

/** PDA of the seed "pool_authority"; owns the vaults of every pool. */
export const METEORA_DAMM_V2_AUTHORITY = 'HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC';
/** PDA of the seed "__event_authority". */
export const METEORA_DAMM_V2_EVENT_AUTHORITY = '3rmHSu74h1ZcmAisVcWerTCiRDQbUrBKmcwptYGjHfet';

// swap2 in the interface description of the MIT-licensed npm package @meteora-ag/cp-amm-sdk.
const SWAP2 = '414b3f4ceb5b5b88';
/** Modes of swap2 by their number. */
const MODES = ['exactIn', 'partialFill', 'exactOut'] as const satisfies readonly SwapMode[];
const DATA_LENGTH = 25;
const ACCOUNT_COUNT = 14;

/** Addresses of a pool that a swap names; they never change. */
export interface MeteoraPoolAddresses extends PoolAddresses {
  readonly tokenPrograms: readonly [string, string];
  /** With a rate limiter the program reads the whole transaction, so a swap names the sysvar of instructions too. */
  readonly hasRateLimiter: boolean;
}

/** `swap2`. The program reads the direction from the mint of the paying token account. */
export function meteoraSwapInstruction(addresses: MeteoraPoolAddresses, swap: LegSwap): Instruction {
  return {
    programAddress: METEORA_DAMM_V2_PROGRAM,
    accounts: [
      readonly(METEORA_DAMM_V2_AUTHORITY),
      writable(addresses.pool),
      writable(swap.tokenAccountIn),
      writable(swap.tokenAccountOut),
      writable(addresses.vaults[0]),
      writable(addresses.vaults[1]),
      readonly(addresses.mints[0]),
      readonly(addresses.mints[1]),
      authority(swap.payer),
      readonly(addresses.tokenPrograms[0]),
      readonly(addresses.tokenPrograms[1]),
      readonly(METEORA_DAMM_V2_PROGRAM), // No referral account.
      readonly(METEORA_DAMM_V2_EVENT_AUTHORITY),
      readonly(METEORA_DAMM_V2_PROGRAM),
      ...(addresses.hasRateLimiter ? [readonly(INSTRUCTIONS_SYSVAR)] : []),
    ],
    data: swapData(swap),
  };
}

function swapData(swap: LegSwap): Uint8Array {
  const isExactOut = swap.swapMode === 'exactOut';
  const data = Buffer.alloc(DATA_LENGTH);
  data.write(SWAP2, 'hex');
  // The fixed side comes first, the limit of the other side second.
  data.writeBigUInt64LE(isExactOut ? swap.amountOut : swap.amountIn, 8);
  data.writeBigUInt64LE(isExactOut ? swap.amountIn : swap.amountOut, 16);
  data[24] = MODES.indexOf(swap.swapMode);
  return data;
}

/** Reads back an instruction of `meteoraSwapInstruction`; one with a referral is not recognized. */
export const meteoraSwapInspector: SwapInspector = {
  programAddress: METEORA_DAMM_V2_PROGRAM,
  inspect(instruction: Instruction): InspectedSwap | null {
    const { accounts } = instruction;
    const data = Buffer.from(instruction.data);
    if (instruction.programAddress !== METEORA_DAMM_V2_PROGRAM) return null;
    if (data.length !== DATA_LENGTH || data.toString('hex', 0, 8) !== SWAP2) return null;
    if (accounts.length !== ACCOUNT_COUNT && accounts.length !== ACCOUNT_COUNT + 1) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    if (accounts.length > ACCOUNT_COUNT && address(ACCOUNT_COUNT) !== INSTRUCTIONS_SYSVAR) return null;
    if (address(11) !== METEORA_DAMM_V2_PROGRAM) return null;
    const mode = MODES[data[24] as number];
    if (mode === undefined) return null;
    const [first, second] = [data.readBigUInt64LE(8), data.readBigUInt64LE(16)];
    return {
      pool: address(1),
      tokens: [
        { mint: toMint(address(6)), tokenProgram: address(9), vault: address(4) },
        { mint: toMint(address(7)), tokenProgram: address(10), vault: address(5) },
      ],
      authority: address(8),
      source: address(2),
      destination: address(3),
      maxIn: mode === 'exactOut' ? second : first,
      minOut: mode === 'exactOut' ? first : second,
      ...(mode === 'partialFill' && { mayFillInPart: true }),
    };
  },
};
