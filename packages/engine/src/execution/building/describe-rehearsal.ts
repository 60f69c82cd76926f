import { type BaseUnits, formatAmount } from '../../domain/amount.ts';
import { type Failure, type FailureCode, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import { isSol, SOL_DECIMALS, type Token } from '../../domain/token.ts';
import type { MessageParts, TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

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
  const { error } = rehearsed;
  const said = `Simulation: ${error.text}.`;
  const code = CODE_OF_ERROR[error.kind];
  if (code === 'slippage_exceeded') return failure(code, `${said} ${limitOf(order, rehearsed.limitAmount)}`);
  if (code === 'insufficient_funds')
    return failure(code, `${said} ${await shortage(ports, order, rehearsed)}`);
  return failure(code, said);
}

function limitOf({ request }: Order, limitAmount: BaseUnits): string {
  return request.swapMode === 'exactOut'
    ? `The order pays at most ${show(limitAmount, request.tokenIn)}.`
    : `The order takes no less than ${show(limitAmount, request.tokenOut)}.`;
}

/** What is missing: the input, or else SOL for what the transaction pays beside it. */
async function shortage(
  { chain, signer }: Ports,
  { request }: Order,
  { error, limitAmount, parts }: Rehearsed,
): Promise<string> {
  const { tokenIn, swapMode, amount } = request;
  const { lamports, tokens } = await chain.anyNode.holdings(signer.address);
  const needed = swapMode === 'exactOut' ? limitAmount : amount;
  const held = isSol(tokenIn) ? lamports : (tokens.get(tokenIn.mint) ?? 0n);
  if (held < needed) return `It needs ${show(needed, tokenIn)} and the wallet has ${show(held, tokenIn)}.`;
  if (error.lamports)
    return `It needs ${sol(error.lamports.needed)} where ${sol(error.lamports.held)} is left; the wallet has ${sol(lamports)}.`;
  const spent = isSol(tokenIn) ? needed : 0n;
  return `It needs ${sol(feeOf(parts) + spent)} with its network fee, and rent beside it; the wallet has ${sol(lamports)}.`;
}

/** One signature, and what its compute units may cost. */
function feeOf({ computeUnitLimit, computeUnitPriceMicroLamports }: MessageParts): BaseUnits {
  const offered = BigInt(computeUnitLimit) * computeUnitPriceMicroLamports;
  return LAMPORTS_PER_SIGNATURE + (offered + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
}

const show = (amount: BaseUnits, { decimals, symbol }: Token): string =>
  `${formatAmount(amount, decimals)} ${symbol}`;

const sol = (lamports: BaseUnits): string => `${formatAmount(lamports, SOL_DECIMALS)} SOL`;
