import type { LookupTable } from './chain.ts';

/** Reads address lookup tables. An entry never changes once it is there, so what was read stays true. */
export interface LookupTables {
  /**
   * The tables at these addresses as the chain has them; those that do not exist or are being closed are left out.
   * @throws {ChainUnavailable} They could not be read.
   */
  read(addresses: readonly string[]): Promise<readonly LookupTable[]>;
}
