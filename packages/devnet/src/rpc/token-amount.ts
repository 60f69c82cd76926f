/** A token amount in the four forms of Solana's RPC. `uiAmount` is for display only: it is a float. */
export function toTokenAmount(amount: bigint, decimals: number) {
  const text = toDecimalText(amount, decimals);
  return { amount: amount.toString(), decimals, uiAmount: Number(text), uiAmountString: text };
}

/** Without trailing zeros: 1500000 with 6 decimals is "1.5". */
function toDecimalText(amount: bigint, decimals: number): string {
  if (decimals === 0) return amount.toString();
  const digits = amount.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
