// Keeps half of a portfolio's worth in a token and half in USDC. Two limit orders rest where the token's share has drifted by the band,
// each with the amount that restores the share. When one is filled, it is placed anew and the other one is amended.
//
//     node examples/rebalance.mjs [TOKEN] [token held] [USDC held] [band, bps] [fills until it ends]
import { call, cancel, orderEvents } from './engine.mjs';

const [token = 'SOL', tokens = '1', usdc = '172', bandBps = '100', fills = 'Infinity'] =
  process.argv.slice(2);
const SHARE = 0.5;
/** Every token has as many decimals. */
const DECIMALS = 5;
const held = { tokens: Number(tokens), usdc: Number(usdc) };
/** Ids of the orders that rest. */
const resting = {};
let filled = 0;

process.once('SIGINT', end);

for await (const { type, orderId, data } of orderEvents()) {
  if (type === 'stream.opened') {
    await place('sell');
    await place('buy');
  }
  const side = Object.keys(resting).find((one) => resting[one] === orderId);
  if (side && ['order.failed', 'order.canceled', 'order.expired'].includes(type)) await end();
  if (!side || type !== 'order.confirmed') continue;
  const [spent, received] = [Number(data.amountIn), Number(data.amountOut)];
  held.tokens += side === 'sell' ? -spent : received;
  held.usdc += side === 'sell' ? received : -spent;
  delete resting[side];
  filled += 1;
  console.log(
    `${side}: ${data.amountIn} for ${data.amountOut}; holds ${held.tokens.toFixed(5)} ${token}, ${held.usdc.toFixed(5)} USDC`,
  );
  if (filled >= Number(fills)) await end();
  await place(side);
  await amend(side === 'sell' ? 'buy' : 'sell');
}

/** The price at which the share has drifted by the band, and the amount that restores it there: a wish, computed with numbers, written as decimals. */
function termsOf(side) {
  const share = SHARE + (side === 'sell' ? bandBps : -bandBps) / 10_000;
  const price = (held.usdc * share) / (held.tokens * (1 - share));
  const wanted = (SHARE * (held.tokens * price + held.usdc)) / price;
  const amount = Math.abs(held.tokens - wanted).toFixed(DECIMALS);
  return {
    limitPrice: price.toFixed(9),
    ...(side === 'sell' ? { amountIn: amount } : { amountOut: amount }),
  };
}

async function place(side) {
  const swap =
    side === 'sell'
      ? { tokenIn: token, tokenOut: 'USDC' }
      : { tokenIn: 'USDC', tokenOut: token, swapMode: 'exactOut', priceIn: 'tokenIn' };
  const terms = termsOf(side);
  const { orderId } = await call('POST', '/api/orders', { type: 'limit', ...swap, ...terms });
  resting[side] = orderId;
  console.log(`${side} rests at ${terms.limitPrice}`);
}

/** An order that fired meanwhile keeps its terms: its fill is on its way. */
async function amend(side) {
  const terms = termsOf(side);
  await call('PATCH', `/api/orders/${resting[side]}`, terms).then(
    () => console.log(`${side} amended to ${terms.limitPrice}`),
    (error) => {
      if (error.code !== 'order_not_open') throw error;
    },
  );
}

async function end() {
  await Promise.all(Object.values(resting).map(cancel));
  console.log(`${filled} fills`);
  process.exit(0);
}
