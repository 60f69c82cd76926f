// Keep-alive connections that post JSON, one request at a time each. A general HTTP client spends more processor time on
// a request than the engine does, and both share this machine's cores.
import { connect } from 'node:net';

const HEADERS_END = Buffer.from('\r\n\r\n');
// Servers close connections that were idle for longer, perhaps just when a request is sent.
const MAX_IDLE_MS = 30_000;

/** At most so many connections, which are opened as they are needed; requests wait for a free one. */
export function openLanes(url, path, most) {
  const lanes = new Set();
  const free = [];
  const queueForLane = [];

  async function takeLane() {
    const lane = free.pop();
    if (lane) return lane;
    if (lanes.size >= most) return new Promise((resolve) => queueForLane.push(resolve));
    const opened = openLane(url, path);
    lanes.add(opened);
    return opened;
  }

  function giveBack(lane) {
    const next = queueForLane.shift();
    if (next) next(lane);
    else free.push(lane);
  }

  return {
    async post(body) {
      const lane = await takeLane();
      try {
        return await lane.post(body);
      } finally {
        giveBack(lane);
      }
    },
    close() {
      for (const lane of lanes) lane.close();
    },
  };
}

/** A connection that is lost fails its request; the next one opens it again. */
function openLane(url, path) {
  const { hostname, port } = new URL(url);
  let socket;
  let received = Buffer.alloc(0);
  let waiting;
  let usedAtMs = 0;

  function open() {
    const opened = connect(Number(port), hostname).setNoDelay(true);
    socket = opened;
    received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const response = readResponse(received);
      if (!response) return;
      received = received.subarray(response.bytes);
      waiting.resolve(response);
    });
    for (const event of ['error', 'close'])
      socket.on(event, (reason) => {
        if (socket !== opened) return;
        socket = undefined;
        waiting?.reject(new Error(`connection lost: ${reason}`));
      });
  }

  function leave() {
    socket.destroy();
    socket = undefined;
  }

  return {
    /** Resolves with the status and the body's text. */
    post(body) {
      if (socket && performance.now() - usedAtMs > MAX_IDLE_MS) leave();
      if (!socket) open();
      usedAtMs = performance.now();
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    close: () => socket?.destroy(),
  };
}

/** The response at the start of the bytes, once it is whole. The engine always gives the length. */
function readResponse(bytes) {
  const headersEnd = bytes.indexOf(HEADERS_END);
  if (headersEnd < 0) return undefined;
  const headers = bytes.latin1Slice(0, headersEnd);
  const length = Number(/^content-length: (\d+)$/im.exec(headers)?.[1]);
  const bodyStart = headersEnd + HEADERS_END.length;
  if (!Number.isInteger(length)) throw new Error(`a response without length: ${headers}`);
  if (bytes.length < bodyStart + length) return undefined;
  const text = bytes.utf8Slice(bodyStart, bodyStart + length);
  return { status: Number(headers.slice(9, 12)), text, bytes: bodyStart + length };
}
