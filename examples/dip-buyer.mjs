// Buys a token when its price dips, and sells it again when the rise that follows is over.
//
//     node examples/dip-buyer.mjs [TOKEN] [USDC to spend] [dip, bps] [trail, bps]
//
// Both orders rest in the engine: it watches the price, also while this program does not run.
import { call, cancel, moved, orderEvents, priceOf } from './engine.mjs';

const [token = 'SOL', spend = '50', dipBps = '50', trailingBps = '50'] = process.argv.slice(2);
const ENDED = ['order.failed', 'order.canceled', 'order.expired'];
let order;

process.once('SIGINT', async () => {
  if (order) await cancel(order.orderId);
  process.exit(1);
});

for await (const { type, orderId, data } of orderEvents()) {
  if (type === 'stream.opened') order = await buyTheDip();
  if (orderId !== order.orderId) continue;
  if (type === 'order.triggered') console.log(`${order.type} fires at ${data.price}`);
  if (type === 'order.confirmed') {
    console.log(`${data.amountIn} ${order.tokenIn} became ${data.amountOut} ${order.tokenOut}`);
    if (order.tokenOut === 'USDC') process.exit(0);
    order = await sellAfterTheRise(data.amountOut);
  }
  if (ENDED.includes(type)) {
    console.log(`${type}: ${data.reason}`);
    process.exit(1);
  }
}

async function buyTheDip() {
  const limitPrice = moved(await priceOf(token), -dipBps);
  const terms = { amountIn: spend, limitPrice, priceIn: 'tokenIn' };
  const bid = await call('POST', '/api/orders', {
    type: 'limit',
    tokenIn: 'USDC',
    tokenOut: token,
    ...terms,
  });
  console.log(`waits to buy ${token} at ${limitPrice} USDC or less`);
  return bid;
}

async function sellAfterTheRise(amountIn) {
  const stop = await call('POST', '/api/orders', {
    type: 'trailingStop',
    tokenIn: token,
    tokenOut: 'USDC',
    amountIn,
    trailingBps: Number(trailingBps),
  });
  console.log(`waits to sell ${amountIn} ${token} ${trailingBps} bps below the highest price`);
  return stop;
}
