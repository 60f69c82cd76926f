import type { OrderId } from '../domain/order.ts';

/** A transaction of ours on the chain that the database does not have as an attempt: its order is lost, or was over. */
export interface LostTransaction {
  readonly signature: string;
  readonly orderId: OrderId;
  readonly slot: bigint;
  /** Whether it swapped, or only paid its fee. */
  readonly failed: boolean;
}

/** Whether a restored database was compared with the chain, and which transactions it lacked. */
export interface RecoveryLog {
  /** Afterwards the review is unfinished, whatever crashes. May be repeated. */
  begin(): Promise<void>;
  isUnfinished(): Promise<boolean>;
  /** Keeps what was found and ends the review, in one commit. What is known from an earlier review stays. */
  finish(lost: readonly LostTransaction[]): Promise<void>;
  /** Everything that was found lost so far, oldest slot first. */
  lost(): Promise<readonly LostTransaction[]>;
}
