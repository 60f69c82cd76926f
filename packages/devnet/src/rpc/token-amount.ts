/** The display scale of a mint's amounts. */
export interface AmountScale {
  readonly decimals: number;
  /** Displayed units per base unit, by interest or a multiplier of Token-2022; null without a factor. */
  readonly factor: number | null;
}

/** A token amount in the four forms of Solana's RPC. `uiAmount` is for display only: it is a float. */
export function toTokenAmount(amount: bigint, { decimals, factor }: AmountScale) {
  const text = factor === null ? toDecimalText(amount, decimals) : toScaledText(amount, decimals, factor);
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}

/** Without trailing zeros: 1500000 with 6 decimals is "1.5". */
function toDecimalText(amount: bigint, decimals: number): string {
  if (decimals === 0) return amount.toString();
  const digits = amount.toString().padStart(decimals + 1, '0');
  return withoutZeros(`${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
}

/** As `spl-token-2022` shows it: whole base units of the scaled amount, by floating point. */
function toScaledText(amount: bigint, decimals: number, factor: number): string {
  const shown = Math.trunc(Number(amount) * factor) / 10 ** decimals;
  return decimals === 0 ? shown.toFixed(0) : withoutZeros(shown.toFixed(decimals));
}

const withoutZeros = (text: string): string => text.replace(/\.?0+$/, '');
