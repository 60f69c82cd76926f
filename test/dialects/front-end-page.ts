/**
 * A page that asks and listens as the React front end of the dialect `amountIn` does (docs/coming-from.md): the form as it is
 * filled by default, the list and the dashboard, an order's page, its socket, which is opened again after every close. It reports what
 * it saw to its own server. The constant `API` stands before it.
 */
export const FRONT_END_SCRIPT = `
const SOCKETS = API.replace('http', 'ws');
const FORM = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1.5', slippageTolerance: 0.5, minAmountOut: '' };
const UNKNOWN = '01a1fc22-e037-7000-9a9f-8530623254b1';
/** Longer than the client waits before it connects again. */
const QUIET_MS = 2500;
const seen = {};

async function ask(path, init) {
  const response = await fetch(API + path, init);
  return { status: response.status, body: await response.json(), headers: response.headers };
}
const submit = (form) =>
  ask('/api/orders/execute', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(form),
  });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows an order until the frame that \`isLast\` knows, and for QUIET_MS longer. */
function follow(orderId, isLast) {
  const told = { opened: 0, closed: 0, frames: [], last: null };
  return new Promise((resolve, reject) => {
    connect();
    function connect() {
      const socket = new WebSocket(SOCKETS + '/api/orders/' + orderId + '/stream');
      socket.onopen = () => (told.opened += 1);
      socket.onerror = () => reject(new Error('socket'));
      socket.onclose = () => {
        told.closed += 1;
        setTimeout(connect, 1000);
      };
      socket.onmessage = async ({ data }) => {
        const frame = JSON.parse(data);
        told.frames.push(frame.status ?? frame.type);
        if (!isLast(frame)) return;
        told.last = frame;
        socket.send(JSON.stringify({ type: 'ping' }));
        await sleep(QUIET_MS);
        resolve(told);
      };
    }
  });
}

async function visit() {
  const created = await submit(FORM);
  seen.created = { status: created.status, body: created.body };
  seen.requestId = created.headers.get('x-request-id');
  const { orderId } = created.body;
  const { opened, closed, frames } = await follow(orderId, ({ status }) => status === 'confirmed');
  seen.socket = { opened, closed, frames };
  seen.detail = (await ask('/api/orders/' + orderId)).body;

  const failing = (await submit({ ...FORM, minAmountOut: '99999' })).body.orderId;
  seen.failedFrame = (await follow(failing, ({ status }) => status === 'failed')).last;
  seen.failed = (await ask('/api/orders/' + failing)).body;
  seen.refused = await submit({ ...FORM, tokenOut: 'SOL' });
  seen.unknown = await ask('/api/orders/' + UNKNOWN);
  seen.list = (await ask('/api/orders?limit=100')).body;
  seen.dashboard = (await ask('/api/orders/?limit=5')).body;
}

try {
  await visit();
} catch (error) {
  seen.error = String(error);
  seen.socketError = await follow(UNKNOWN, () => false).then(() => false, () => true);
}
await fetch('/report', { method: 'POST', body: JSON.stringify(seen) });
`;
