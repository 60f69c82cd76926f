// Trades a grid: on each level below the price a buy rests, on each level above it a sale. Whatever is bought on a level is offered
// one level higher, whatever is sold is asked for one level lower. Each pair of fills earns a step, less the pools' fees.
//
//     node examples/grid.mjs [TOKEN] [amount per level] [levels each way] [step, bps] [fills until it ends]
import { call, cancel, moved, orderEvents, priceOf } from './engine.mjs';

const [token = 'SOL', amount = '0.1', levels = '3', stepBps = '100', fills = 'Infinity'] =
  process.argv.slice(2);
const ENDED = ['order.failed', 'order.canceled', 'order.expired'];
const middle = await priceOf(token);
/** The orders that rest, by id. */
const grid = new Map();
let filled = 0;

process.once('SIGINT', end);

for await (const { type, orderId, data } of orderEvents()) {
  if (type === 'stream.opened') {
    for (let level = 1; level <= Number(levels); level += 1)
      await Promise.all([place('buy', -level), place('sell', level)]);
    console.log(`${grid.size} orders rest around ${middle} USDC`);
  }
  const order = grid.get(orderId);
  if (order && type === 'order.confirmed') {
    const { side, level } = order;
    grid.delete(orderId);
    const next = side === 'buy' ? { side: 'sell', level: level + 1 } : { side: 'buy', level: level - 1 };
    console.log(`${side} on level ${level}: ${data.amountIn} for ${data.amountOut}`);
    filled += 1;
    if (filled >= Number(fills)) await end();
    await place(next.side, next.level);
    console.log(`${next.side} rests on level ${next.level}`);
  }
  if (order && ENDED.includes(type)) {
    grid.delete(orderId);
    console.log(`${order.side} on level ${order.level} is over: ${data.reason}`);
  }
}

/** A buy receives the level's amount exactly, a sale spends it exactly; neither at a worse price than that of its level. */
async function place(side, level) {
  const limitPrice = moved(middle, level * stepBps);
  const swap =
    side === 'buy'
      ? {
          tokenIn: 'USDC',
          tokenOut: token,
          swapMode: 'exactOut',
          amountOut: amount,
          priceIn: 'tokenIn',
        }
      : { tokenIn: token, tokenOut: 'USDC', amountIn: amount };
  const { orderId } = await call('POST', '/api/orders', { type: 'limit', limitPrice, ...swap });
  grid.set(orderId, { side, level });
}

async function end() {
  await Promise.all([...grid.keys()].map(cancel));
  console.log(`${filled} fills, ${grid.size} orders canceled`);
  process.exit(0);
}
