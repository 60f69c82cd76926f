// The client of the benchmarks: posts orders over kept connections and follows them on sockets.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

const BODY = JSON.stringify({
  type: 'market',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '0.01',
  slippageBps: 1000,
});

/** Posts orders with at most so many connections. */
export function createPoster(url, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const post = () =>
    new Promise((resolve, reject) => {
      const call = request(
        `${url}/api/orders`,
        {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': BODY.length },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () =>
            response.statusCode === 201 ? resolve(JSON.parse(text)) : reject(new Error(text)),
          );
        },
      );
      call.on('error', reject);
      call.end(BODY);
    });
  return { post, close: () => agent.destroy() };
}

/** A socket that calls `onFrame` with each frame's text; open when this resolves. */
export async function openSocket(url, path, onFrame) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { perMessageDeflate: false });
  socket.on('message', (data) => onFrame(data.toString()));
  await once(socket, 'open');
  return socket;
}

export function percentiles(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
