import type { GenesisAccount } from '../genesis-account.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { ProgramName } from '../programs.ts';
import type { Draws } from './draws.ts';

/**
 * What the differential run needs to know of one kind of pool: how to draw a pool, and how to draw a swap on it.
 *
 * To add a kind, write `kinds/NAME.ts` that exports one `DrawnKind` and name it in `kinds.ts`. The run does the rest on
 * two machines, one with the program of mainnet and one with the devnet's: it places `accounts` on both, sends the same
 * instruction, and compares success, the amounts that the wallet's two token accounts gained and lost, every byte and the
 * lamports of every account in `accounts`, the events (self-invocations, `Program data:` and `ray_log:` lines), what is logged of
 * a limit that was not kept (`limitErrors`), and, where the program of mainnet moved something or refused, what the quote had
 * promised. It also spoils some instructions and accounts (`spoil.ts`), for which no quote is asked.
 *
 * - Draw from `draws` only. Let 0 mean the simplest choice: failing cases are made smaller by lowering the numbers.
 * - Draw freely: closed pools, wrong fees, empty reserves, amounts beyond the wallet's. A quote of `refused` and a program
 *   that fails are equal.
 * - All accounts that a swap may name belong in `accounts`, also those that do not change. An account that is to be
 *   missing is left out. The keys name accounts in reports.
 * - A swap is drawn on what the swaps before it have left, which `read` gives.
 */
export interface DrawnKind {
  /** As in `--kind`, and as the engine calls the venue. */
  readonly name: string;
  /** Address of the program, base58: the binary of mainnet is ADDRESS.so. */
  readonly program: string;
  /** The devnet's own program. */
  readonly ownProgram: ProgramName;
  /** Codes of a limit that was not kept, where both programs log the same of it. */
  readonly limitErrors?: readonly number[];
  drawPool(draws: Draws, context: { clock: ChainClock; wallet: string }): Promise<DrawnPool>;
}

export interface DrawnPool {
  /** By name: `pool`, `vault0`, …. The wallet exists already. */
  readonly accounts: Readonly<Record<string, GenesisAccount>>;
  drawSwap(draws: Draws, state: { read: ReadData; clock: ChainClock }): DrawnSwap;
  /**
   * Whether a byte of an account belongs to a field that the devnet's program reads and older versions of mainnet's do
   * not: a dumped binary may be one of those, so such bytes are not spoiled.
   */
  isNewerField?(address: string, offset: number): boolean;
}

export interface DrawnSwap {
  readonly instruction: SwapInstruction;
  /** Token accounts of the wallet: what leaves the first and reaches the second is compared. */
  readonly userIn: string;
  readonly userOut: string;
  /** The amounts by `@oee/amm` and the instruction's limit; null if the quotes do not cover such a swap. */
  readonly expected: Moved | 'refused' | null;
  /** A short description of the swap, for reports. */
  readonly label: string;
}

/** Base units: what the wallet sent and what it received. */
export interface Moved {
  readonly amountIn: bigint;
  readonly amountOut: bigint;
}

/** An account's data. @throws {Error} There is no such account. */
export type ReadData = (address: string) => Uint8Array;

export interface ChainClock {
  readonly slot: bigint;
  readonly epoch: bigint;
  /** Seconds since 1970. */
  readonly unixTimestamp: bigint;
}
