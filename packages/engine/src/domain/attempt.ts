import type { BlockHeight } from './block-height.ts';
import type { OrderId } from './order.ts';
import type { Signature } from './signature.ts';
import type { EpochMs } from './timestamp.ts';
import type { Mint } from './token.ts';

/**
 * open      recorded; may be in flight.
 * landed    executed without error at commitment `confirmed`. Back to open if a fork drops the block.
 * reverted  executed with an error at `finalized`; nothing was swapped.
 * expired   its blockhash is provably too old and it never landed; closed for ever.
 * blocked   the receipt that it would have to create exists at `finalized`, and it did not create it; closed for ever.
 */
export type AttemptState = 'open' | 'landed' | 'reverted' | 'expired' | 'blocked';

/** Whether nothing can land any more: another attempt may follow. */
export const isClosed = (state: AttemptState): boolean => state !== 'open' && state !== 'landed';

/** One signed transaction for an order. */
export interface Attempt {
  readonly orderId: OrderId;
  /** From 1; attempt n + 1 exists only after n is reverted or expired. */
  readonly attemptNumber: number;
  readonly signature: Signature;
  /**
   * The signed transaction. The same bytes may be sent any number of times. A store may forget them once the order can change no
   * more: then there are none.
   */
  readonly bytes: Uint8Array;
  /** Block height after which the transaction can never execute. */
  readonly lastValidBlockHeight: BlockHeight;
  /** Slot of the blockhash; a node whose history starts later cannot prove absence. */
  readonly signingSlot: bigint;
  /** Token accounts whose balance changes are the fill; `NO_FILL_ACCOUNTS` when the bytes are forgotten. */
  readonly fillAccounts: FillAccounts;
  readonly state: AttemptState;
  /** Slot in which it executed; null while open or expired. */
  readonly slot: bigint | null;
  readonly finalized: boolean;
  /** Epoch milliseconds. */
  readonly recordedAtMs: EpochMs;
}

/** Time since the record, by the clocks of two processes. One clock may be ahead, so a record from the future counts as old. */
export const recordedAgoMs = ({ recordedAtMs }: Attempt, nowMs: EpochMs): number =>
  Math.abs(nowMs - recordedAtMs);

/** Pool vaults of the first and last hops. */
export interface FillAccounts {
  readonly payer: string;
  readonly vaultsIn: readonly string[];
  readonly vaultsOut: readonly string[];
  readonly solIn: boolean;
  readonly solOut: boolean;
  /** Where the vaults are not known: the fill is what all accounts of others gained and gave of these mints. */
  readonly mints?: { readonly in: Mint; readonly out: Mint };
  /** Tokens that the route passes through; none if absent. */
  readonly intermediates?: readonly IntermediateAccounts[];
}

export const NO_FILL_ACCOUNTS: FillAccounts = {
  ...{ payer: '', vaultsIn: [], vaultsOut: [], solIn: false, solOut: false },
};

/** Vaults whose balance changes tell what an intermediate token left in the wallet. */
export interface IntermediateAccounts {
  readonly mint: Mint;
  readonly symbol: string;
  readonly decimals: number;
  /** Of the legs that deliver it. */
  readonly vaultsFrom: readonly string[];
  /** Of the legs that spend it. */
  readonly vaultsTo: readonly string[];
}
