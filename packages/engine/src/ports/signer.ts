import type { BaseUnits } from '../domain/amount.ts';
import type { OrderId } from '../domain/order.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Signature } from '../domain/signature.ts';
import type { Mint } from '../domain/token.ts';

/** The rules for a message; the signer checks the decoded bytes against them and trusts nothing else. */
export interface SigningPolicy {
  readonly orderId: OrderId;
  readonly mintIn: Mint;
  readonly mintOut: Mint;
  /** Tokens that the route passes through; of them no more is spent than its own legs must deliver. None if absent. */
  readonly intermediateMints?: readonly Mint[];
  /** Base units of tokenIn that may leave at most. */
  readonly maxAmountIn: BaseUnits;
  /** Base units of tokenOut that must arrive at least. */
  readonly minAmountOut: BaseUnits;
  /**
   * The swaps may take less than they are given, as a partial fill does. Then both amounts are a price: whatever may
   * leave at most, its share of `minAmountOut` must arrive at least.
   */
  readonly mayFillInPart?: true;
  /** The message must create it before anything else. Absent: it must create none. */
  readonly receipt?: Receipt;
}

/**
 * create  one receipt, and nothing else: afterwards no other transaction with this receipt can land
 * close   each of these receipts at most, their lamports back to the wallet
 */
export type ReceiptPolicy =
  | { readonly action: 'create'; readonly receipt: Receipt }
  | { readonly action: 'close'; readonly receipts: readonly Receipt[] };

export interface SignedTransaction {
  /** Base58; also the transaction's id on chain. */
  readonly signature: Signature;
  readonly bytes: Uint8Array;
}

/** The bytes are outside the policy: unknown program, another payer, mint or destination, or a weaker limit. */
export class PolicyRefused extends Error {
  override name = 'PolicyRefused';
}

/** This process may sign nothing now; another process may, or this one later. The message is not at fault. */
export class SigningStopped extends Error {
  override name = 'SigningStopped';
}

export interface Signer {
  /** The wallet that pays and swaps, base58. */
  readonly address: string;
  /** Why the signer refuses now; null if it signs. Absent if nothing can stop it. */
  readonly whyNot?: () => string | null;
  /**
   * Signs one compiled message. The same message gives the same bytes.
   * @throws {PolicyRefused | SigningStopped} Nothing was signed.
   */
  sign(message: Uint8Array, policy: SigningPolicy): Promise<SignedTransaction>;
  /** The seed of an order's receipt, 32 characters: always the same, and secret. */
  receiptSeed(orderId: OrderId): Promise<string>;
  /**
   * Signs a message that only creates or closes receipts.
   * @throws {PolicyRefused | SigningStopped} Nothing was signed.
   */
  signReceipts(message: Uint8Array, policy: ReceiptPolicy): Promise<SignedTransaction>;
}
