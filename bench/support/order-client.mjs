// The client of the benchmarks: posts orders over kept connections and follows them on sockets.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { openLanes } from './http-lane.mjs';

const BODY = JSON.stringify({
  type: 'market',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '0.01',
  slippageBps: 1000,
});

/** Posts orders over at most this many connections, opened on demand. */
export function createPoster(url, connections) {
  const lanes = openLanes(url, '/api/orders', connections);
  return {
    /** Resolves with the accepted order. */
    async post() {
      const { status, text } = await lanes.post(BODY);
      if (status !== 201) throw new Error(text);
      return JSON.parse(text);
    },
    close: lanes.close,
  };
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

/** The time of day in milliseconds since 1970, with its fractions: it can be compared between processes of one machine. */
export const epochMs = () => performance.timeOrigin + performance.now();
