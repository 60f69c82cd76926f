import { escapeHtml, PAGE_STYLE } from './page.ts';

export interface HomeFacts {
  readonly version: string;
  readonly chain: string;
  readonly database: string;
  readonly origin: string;
  readonly wallet: string;
  readonly pools: readonly { readonly name: string; readonly pools: number }[];
}

export const HOME_SCRIPT = `
const rows = document.getElementById('orders');
const state = document.getElementById('state');
const orders = new Map();
const streams = new Map();
const ENDED = ['confirmed', 'failed', 'canceled', 'expired'];
const MARKS = { confirmed: '✓', failed: '✕', canceled: '–', expired: '–' };

function cell(row, text, number) {
  const td = row.insertCell();
  td.textContent = text ?? '';
  if (number) td.className = 'number';
  return td;
}

function draw() {
  const newest = [...orders.values()].sort((a, b) => (a.orderId < b.orderId ? 1 : -1)).slice(0, 20);
  rows.replaceChildren();
  document.getElementById('empty').hidden = newest.length > 0;
  for (const order of newest) {
    const row = rows.insertRow();
    const link = document.createElement('a');
    link.href = '/api/orders/' + encodeURIComponent(order.orderId);
    link.textContent = order.orderId.slice(0, 13);
    cell(row).append(link);
    cell(row, (MARKS[order.status] ?? '…') + ' ' + order.status);
    cell(row, order.tokenIn + ' → ' + order.tokenOut);
    cell(row, order.amountIn, true);
    cell(row, order.amountOut, true);
    cell(row, order.executedPrice ?? order.quotedPrice, true);
    cell(row, order.venue);
    cell(row, order.failure ? order.failure.code : '');
  }
}

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(path + ' ' + response.status);
  return response.json();
}

function follow(order) {
  if (ENDED.includes(order.status) || streams.has(order.orderId) || streams.size >= 50) return;
  const url = location.origin.replace(/^http/, 'ws') + '/api/orders/' + order.orderId + '/stream?after=' + order.sequence;
  const socket = new WebSocket(url);
  streams.set(order.orderId, socket);
  socket.onmessage = async () => take(await read('/api/orders/' + order.orderId));
  socket.onclose = () => streams.delete(order.orderId);
}

function take(order) {
  const known = orders.get(order.orderId);
  if (!known || known.sequence < order.sequence) orders.set(order.orderId, order);
  draw();
}

async function refresh() {
  if (document.hidden) return;
  try {
    const page = await read('/api/orders?limit=20');
    for (const order of page.data) {
      take(order);
      follow(order);
    }
    state.textContent = 'live';
    state.className = 'live';
  } catch {
    state.textContent = 'connection lost, trying again';
    state.className = 'lost';
  }
}

document.getElementById('copy').onclick = () => navigator.clipboard.writeText(document.getElementById('curl').textContent);
refresh();
setInterval(refresh, 1000);
`;

/** The page; every value from outside is escaped. */
export function homePage(facts: HomeFacts): string {
  const body = '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":"1"}';
  const curl = `curl -s -H 'content-type: application/json' -d '${body}' ${facts.origin}/api/orders`;
  const venues = facts.pools.map(({ name, pools }) => `${name} (${pools} pools)`).join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Order Execution Engine</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>Order Execution Engine</h1><span id="state" role="status">connecting</span></header>
<p>Swaps tokens on Solana at the best net price, at most once per order, with every step on a stream.</p>
<dl>
${fact('Version', facts.version)}${fact('Chain', facts.chain)}${fact('Database', facts.database)}${fact('Venues', venues)}${fact('Wallet', facts.wallet)}
</dl>
<h2>Try it</h2>
<pre><code id="curl">${escapeHtml(curl)}</code></pre>
<p><button id="copy" type="button">Copy</button>
 <a href="/api/orders">orders</a> · <a href="/api/pools">pools</a> · <a href="/api/tokens">tokens</a> · <a href="/api/wallets">wallet</a> · <a href="/readyz">readiness</a></p>
<h2>Last orders</h2>
<p id="empty">No order yet: run the command above.</p>
<div class="scroll"><table>
<thead><tr><th>Order</th><th>Status</th><th>Pair</th><th class="number">In</th><th class="number">Out</th><th class="number">Price</th><th>Venue</th><th>Reason</th></tr></thead>
<tbody id="orders"></tbody>
</table></div>
<script>${HOME_SCRIPT}</script>
</body>
</html>
`;
}

const fact = (name: string, value: string): string =>
  `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>\n`;
