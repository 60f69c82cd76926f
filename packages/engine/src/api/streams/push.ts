import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export const PUSH_UNTIL_BUFFERED_BYTES = 256 * 1024;

interface Outgoing {
  /** Combines the frames of one turn of the event loop into one write, which costs as much as a single frame. */
  gather(): void;
  readonly stallMs: number;
}

const outgoing = new WeakMap<WebSocket, Outgoing>();

/** Lets frames be pushed to a socket that was just opened on this connection. */
export function pushesTo(socket: WebSocket, wire: Socket, stallMs: number): void {
  outgoing.set(socket, { gather: gathering(wire), stallMs });
}

function gathering(wire: Socket): () => void {
  let isGathering = false;
  return () => {
    if (isGathering) return;
    isGathering = true;
    wire.cork();
    process.nextTick(() => {
      isGathering = false;
      wire.uncork();
    });
  };
}

/** Sends a frame. A slow client delays only its own stream; false if it reads nothing for too long. */
export function push(socket: WebSocket, frame: string): Promise<boolean> | boolean {
  if (socket.readyState !== socket.OPEN) return true;
  const { gather, stallMs } = outgoing.get(socket)!;
  gather();
  if (socket.bufferedAmount < PUSH_UNTIL_BUFFERED_BYTES) {
    socket.send(frame);
    return true;
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), stallMs);
    socket.send(frame, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
