import type { Pool, SysvarClock } from '@oee/amm';
import type { Token } from '../../domain/token.ts';
import type { Instruction, ProgramErrors } from '../../ports/chain.ts';
import type { LegSwap } from '../../ports/venue.ts';

/** Addresses that the swaps of a pool name. */
export interface PoolAddresses {
  readonly pool: string;
  readonly mints: readonly [string, string];
  readonly vaults: readonly [string, string];
}

/** One kind of pool: its program, how its accounts are read, and which instruction swaps. */
export interface PoolProgram<A extends PoolAddresses = PoolAddresses> {
  readonly venue: string;
  readonly kind: string;
  readonly programAddress: string;
  /** The program's refusals, by code. */
  readonly errors: ProgramErrors;
  /** Accounts that every swap of the program names. */
  readonly sharedAccounts: readonly string[];
  /** Upper limit of the compute units of one swap: at least the most measured on mainnet's build. */
  readonly swapComputeUnits: number;
  /** Length of a pool account, by which pools are found. */
  readonly accountLength: number;
  /**
   * @param read Another account's data; undefined if it does not exist.
   * @throws {InvalidAccount} The data is not a pool of this kind.
   */
  addressesOf(
    pool: string,
    data: Uint8Array,
    read: (address: string) => Promise<Uint8Array | undefined>,
  ): A | Promise<A>;
  /**
   * Asks the chain for its version of the program, if a discovered pool depends on the version.
   *
   * @returns Whether pools have to be read anew.
   */
  learn?(find: (mint: string) => Token | undefined): Promise<boolean>;
  /** Accounts that a quote reads beside the pool, its vaults and its mints. */
  moreAccounts(addresses: A): readonly string[];
  /**
   * The pool from the bytes of its accounts, and its reserves in base units.
   * @throws {InvalidAccount} One of the accounts is missing or invalid.
   */
  read(addresses: A, accounts: PoolAccounts): { readonly pool: Pool; readonly reserves: [bigint, bigint] };
  /** The current base fee, hundredths of a percent. */
  feeBps(pool: Pool, clock: SysvarClock): number;
  /** @param pool The latest reading of the pool; absent if there is none, and for the largest size of a swap. */
  swapInstruction(addresses: A, swap: LegSwap, pool?: Pool): Instruction;
}

export interface PoolAccounts {
  /** Empty if the account does not exist. */
  data(address: string): Uint8Array;
  /** Base units in the vaults. */
  readonly vaultAmounts: readonly [bigint, bigint];
}
