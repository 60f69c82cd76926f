/** An account before the first block. */
export interface GenesisAccount {
  /** Base58. */
  readonly address: string;
  readonly lamports: bigint;
  /** The program that owns it, base58. */
  readonly owner: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}
