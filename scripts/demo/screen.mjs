import { styleText } from 'node:util';

const STEPS = ['pending', 'routing', 'building', 'submitted', 'confirmed'];
const COLORS = { confirmed: 'green', failed: 'red', canceled: 'red', expired: 'red' };

/**
 * Shows the progress of several orders. A terminal gets one line per order, redrawn at every event; other outputs get
 * one line per event.
 */
export function createScreen(orders, output = process.stdout) {
  const paint = (style, text) => (output.isTTY ? styleText(style, text) : text);
  const names = orders.map((order, index) => `#${index + 1} ${describeOrder(order)}`);
  const width = Math.max(...names.map((name) => name.length));
  const lines = orders.map(() => ({ status: 'sending', note: '' }));
  const startedAt = performance.now();
  let drawn = 0;

  const render = (index) => {
    const { status, note } = lines[index];
    const reached = STEPS.indexOf(status) + 1;
    const bar = '■'.repeat(reached) + '·'.repeat(STEPS.length - reached);
    const color = COLORS[status] ?? 'cyan';
    const progress = `${bar} ${status.padEnd(9)}`;
    // A wrapped line would be redrawn in the wrong place.
    const room = output.isTTY ? Math.max((output.columns ?? 80) - width - progress.length - 4, 0) : undefined;
    return `${names[index].padEnd(width)}  ${paint(color, progress)} ${note.slice(0, room)}`;
  };

  const draw = () => {
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    const rows = lines.map((_, index) => `\u001b[2K${render(index)}`);
    const over = lines.filter(({ status }) => status in COLORS).length;
    output.write(`${up}${rows.join('\n')}\n\u001b[2K${over} of ${orders.length} done, ${elapsed()}\n`);
    drawn = rows.length + 1;
  };
  const elapsed = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;

  return {
    show(index, event) {
      lines[index] = { status: event.status, note: describeEvent(event) || lines[index].note };
      if (output.isTTY) draw();
      else output.write(`${elapsed().padStart(7)}  ${render(index)}\n`);
    },
    end() {
      if (output.isTTY) draw();
    },
    /** Prints the outcome of each order from its resource. */
    summarize(results) {
      output.write('\n');
      for (const [index, order] of results.entries()) {
        const outcome =
          order.failure?.reason ??
          `${order.amountIn} ${order.tokenIn} → ${order.amountOut} ${order.tokenOut}`;
        const price = order.executedPrice ? ` at ${order.executedPrice} on ${order.venue}` : '';
        output.write(`#${index + 1} ${order.status}: ${outcome}${price}\n   ${order.signature ?? ''}\n`);
      }
      const confirmed = results.filter(({ status }) => status === 'confirmed').length;
      output.write(`\n${confirmed} of ${results.length} confirmed in ${elapsed()}\n`);
    },
  };
}

const describeOrder = ({ tokenIn, tokenOut, amountIn, amountOut }) =>
  amountIn ? `${amountIn} ${tokenIn} → ${tokenOut}` : `${tokenIn} → ${amountOut} ${tokenOut}`;

/**
 * The details of an event besides its status. The routing decision names the best offer and the distance of the others.
 */
function describeEvent({ type, data }) {
  switch (type) {
    case 'order.routing':
      return data.cause ? `try ${data.try} in ${data.backoffMs} ms: ${data.cause.reason}` : `try ${data.try}`;
    case 'order.building': {
      const others = data.quotes
        .filter(({ outcome }) => outcome !== 'chosen')
        .map((quote) =>
          quote.outcome === 'lost'
            ? `${quote.venue} ${describeLoss(quote)}`
            : `${quote.venue}: ${quote.code}`,
        );
      const venues = [...new Set(data.route.legs.map(({ venue }) => venue))].join('+');
      return `${venues} at ${data.quotedPrice} (${others.join(', ') || 'no other offer'})`;
    }
    case 'order.submitted':
      return '';
    case 'order.confirmed':
      return `price ${data.executedPrice} in slot ${data.slot}`;
    default:
      return data.reason ?? '';
  }
}

/** Shows two decimals; a smaller loss counts as equal. */
const describeLoss = ({ behindBestBps }) => (behindBestBps === '0' ? 'equal' : `−${behindBestBps} bps`);
