import { minOf, mulDivCeil } from './integer.ts';

const BPS_DENOMINATOR = 10_000n;

/** The fee that a Token-2022 mint withholds from every transfer. Source: spl-token-2022, extension transfer_fee. */
export interface TransferFee {
  /** 0 to 10_000. */
  readonly feeBps: number;
  /** Upper limit of the fee, base units. */
  readonly maximumFee: bigint;
}

/** The fees in a mint's account: a new fee applies two epochs after its announcement. */
export interface TransferFeeConfig {
  readonly older: TransferFee & { readonly epoch: bigint };
  readonly newer: TransferFee & { readonly epoch: bigint };
}

export function transferFeeAt(config: TransferFeeConfig, epoch: bigint): TransferFee {
  return epoch >= config.newer.epoch ? config.newer : config.older;
}

/** Fee withheld when `amount` is transferred, base units, rounded up. */
export function transferFeeOf(fee: TransferFee | null, amount: bigint): bigint {
  if (!fee || fee.feeBps === 0 || amount === 0n) return 0n;
  return minOf(mulDivCeil(amount, BigInt(fee.feeBps), BPS_DENOMINATOR), fee.maximumFee);
}

/** The amount that arrives when `amount` is sent. */
export function amountAfterTransferFee(fee: TransferFee | null, amount: bigint): bigint {
  return amount - transferFeeOf(fee, amount);
}

/** The amount to send so that `amount` arrives. */
export function amountBeforeTransferFee(fee: TransferFee | null, amount: bigint): bigint {
  if (!fee || fee.feeBps === 0 || amount === 0n) return amount;
  if (fee.feeBps >= 10_000) return amount + fee.maximumFee;
  const sent = mulDivCeil(amount, BPS_DENOMINATOR, BPS_DENOMINATOR - BigInt(fee.feeBps));
  return sent - amount >= fee.maximumFee ? amount + fee.maximumFee : sent;
}
