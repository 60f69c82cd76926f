import type { BaseUnits } from '../../domain/amount.ts';
import { type Failure, type FailureCode, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import type { MessageParts, TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { describeFigures, moveOf } from './describe-figures.ts';

const CODE_OF_ERROR: Record<TransactionError['kind'], FailureCode> = {
  slippage: 'slippage_exceeded',
  insufficientFunds: 'insufficient_funds',
  receiptExists: 'receipt_exists',
  alreadyProcessed: 'simulation_failed',
  unserved: 'simulation_failed',
  other: 'simulation_failed',
};

const LAMPORTS_PER_SIGNATURE = 5_000n;
const MICRO_LAMPORTS = 1_000_000n;

/** A rehearsal that failed. */
interface Rehearsed {
  readonly error: TransactionError;
  /** Of the whole order: least output, or (exactOut) most input. Base units. */
  readonly limitAmount: BaseUnits;
  readonly parts: MessageParts;
}

/**
 * Why the rehearsal failed, in words and with the order's own figures.
 * @throws {ChainUnavailable} What the wallet holds could not be read.
 */
export async function describeRehearsal(ports: Ports, order: Order, rehearsed: Rehearsed): Promise<Failure> {
  const { error, limitAmount, parts } = rehearsed;
  const figures = await describeFigures(ports, order, { error, limitAmount, networkFee: feeOf(parts) });
  const said = `Simulation: ${error.text}.${figures}`;
  return failure(CODE_OF_ERROR[error.kind], said, moveOf(order, { error, limitAmount }));
}

/** One signature, and what its compute units may cost. */
function feeOf({ computeUnitLimit, computeUnitPriceMicroLamports }: MessageParts): BaseUnits {
  const offered = BigInt(computeUnitLimit) * computeUnitPriceMicroLamports;
  return LAMPORTS_PER_SIGNATURE + (offered + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
}
