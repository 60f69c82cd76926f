/** docs/orders says what each does. */
export type OrderType = 'market' | 'limit' | 'stop' | 'takeProfit' | 'stopLimit' | 'trailingStop';

/** A field that says at which price an order fires or executes. */
export type PriceField = 'limitPrice' | 'stopPrice' | 'takeProfitPrice' | 'trailingBps';

/** Which prices each type of order needs; it takes no other. docs/orders is compared with it. */
export const PRICES_OF: { readonly [T in OrderType]: readonly PriceField[] } = {
  market: [],
  limit: ['limitPrice'],
  stop: ['stopPrice'],
  takeProfit: ['takeProfitPrice'],
  stopLimit: ['stopPrice', 'limitPrice'],
  trailingStop: ['trailingBps'],
};

/** Whether orders of this type look at a price before they execute or wait for their limit. */
export const hasStop = (type: OrderType): boolean => PRICES_OF[type].some((field) => field !== 'limitPrice');
