import { formatAmount } from './amount.ts';
import type { FillFees } from './order.ts';
import type { FillRecord } from './order-event.ts';
import { SOL_DECIMALS } from './token.ts';

type Rent = Pick<FillFees, 'rentLamports' | 'rentRefundedLamports'>;

/** The wallet's remaining change in lamports besides fee and swap: a loss is rent, a gain is a refund. */
export const splitRent = (lost: bigint): Rent =>
  lost < 0n
    ? { rentLamports: 0n, rentRefundedLamports: -lost }
    : { rentLamports: lost, rentRefundedLamports: 0n };

/** The same for the wire, in SOL. */
export const showRent = ({ rentLamports, rentRefundedLamports }: Rent) => ({
  rent: formatAmount(rentLamports, SOL_DECIMALS),
  rentRefunded: formatAmount(rentRefundedLamports, SOL_DECIMALS),
});

/** Rent and refund of a fill as its event has them. Events of earlier versions have a refund as a negative rent. */
export function rentOf({ fees: { rent, rentRefunded = '0' } }: FillRecord) {
  return rent.startsWith('-') ? { rent: '0', rentRefunded: rent.slice(1) } : { rent, rentRefunded };
}
