import type { OrderId } from '../domain/order.ts';
import type { Signature } from '../domain/signature.ts';

/** A transaction of the wallet on the chain that the database lacks as an attempt: its order is lost, or had ended. */
export interface LostTransaction {
  readonly signature: Signature;
  readonly orderId: OrderId;
  readonly slot: bigint;
  /** Whether it swapped, or only paid its fee. */
  readonly failed: boolean;
}

/** Whether a restored database was compared with the chain, and which transactions it lacked. */
export interface RecoveryLog {
  /** Marks the review as unfinished, durably. May be repeated. */
  begin(): Promise<void>;
  isUnfinished(): Promise<boolean>;
  /** Stores the findings and ends the review, in one commit. Findings of an earlier review stay. */
  finish(lost: readonly LostTransaction[]): Promise<void>;
  /** All findings so far, oldest slot first. */
  lost(): Promise<readonly LostTransaction[]>;
}
