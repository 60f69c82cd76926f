/** An account as the chain holds it. */
export interface Account {
  readonly data: Uint8Array;
  /** Program that owns the account, base58. */
  readonly owner: string;
}

/** Reads accounts at commitment `processed`. Every method may reject with `ChainUnavailable`. */
export interface AccountReader {
  /** Up to 100 accounts of one slot, in the order asked; undefined where there is none. */
  accounts(
    addresses: readonly string[],
  ): Promise<{ readonly slot: bigint; readonly accounts: readonly (Account | undefined)[] }>;
  /** Every account of a program whose data has exactly this length. */
  programAccounts(search: {
    readonly programAddress: string;
    readonly dataLength: number;
  }): Promise<readonly { readonly address: string; readonly data: Uint8Array }[]>;
}
