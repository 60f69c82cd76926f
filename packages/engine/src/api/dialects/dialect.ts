/**
 * The interfaces of five other engines, whose clients work here unchanged (docs/coming-from.md). A dialect is named after
 * the field that tells it apart; `mixed` is any other combination of the names, and the one that documents none.
 */
const FIELDS = {
  fromToken: ['fromToken', 'toToken', 'amount', 'orderType', 'limitPrice'],
  inputToken: ['inputToken', 'outputToken', 'amount', 'type', 'side', 'limitPrice'],
  token_in: ['token_in', 'token_out', 'amount', 'order_type', 'max_slippage', 'limit_price'],
  amountIn: [
    ...['tokenIn', 'tokenOut', 'amountIn', 'slippageTolerance', 'minAmountOut'],
    ...['limitPrice', 'triggerCondition', 'triggerValue'],
  ],
} as const;

export type Dialect = keyof typeof FIELDS | 'mixed';

/** The dialect that has all the names of a body. */
export function dialectOf(body: object): Dialect {
  const names = Object.keys(body);
  const known = Object.entries(FIELDS) as [Dialect, readonly string[]][];
  return known.find(([, fields]) => names.every((name) => fields.includes(name)))?.[0] ?? 'mixed';
}

const BARE = 'amount,tokenIn,tokenOut';

/** Of two engines an order starts with its socket: of `fromToken`, and of the one whose body has exactly three fields. */
export const startsWithItsStream = (dialect: Dialect, body: object): boolean =>
  dialect === 'fromToken' || (dialect === 'mixed' && Object.keys(body).sort().join() === BARE);

/** Names of one meaning in the dialects, the canonical one first where there is one. */
const NAMES = {
  tokenIn: ['tokenIn', 'fromToken', 'inputToken', 'token_in'],
  tokenOut: ['tokenOut', 'toToken', 'outputToken', 'token_out'],
  amount: ['amount', 'amountIn'],
  type: ['type', 'orderType', 'order_type'],
  limitPrice: ['limitPrice', 'limit_price'],
  slippage: ['slippageTolerance', 'max_slippage'],
} as const;

export type Meaning = keyof typeof NAMES;
export type NameOf<M extends Meaning> = (typeof NAMES)[M][number];

export const namesOf = <M extends Meaning>(meaning: M): readonly NameOf<M>[] => NAMES[meaning];

/** What a dialect calls something; what it asks for where a body lacks it. */
export function nameIn<M extends Meaning>(dialect: Dialect, meaning: M): NameOf<M> {
  const names = namesOf(meaning);
  const fields: readonly string[] = dialect === 'mixed' ? [] : FIELDS[dialect];
  return names.find((name) => fields.includes(name)) ?? (names[0] as NameOf<M>);
}
