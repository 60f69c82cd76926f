import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export const PUSH_UNTIL_BUFFERED_BYTES = 256 * 1024;

/** The client of an open socket. */
export interface StreamClient {
  readonly socket: WebSocket;
  /** Sends a frame. A slow client delays only its own stream; false if it reads nothing for too long. */
  push(frame: string): Promise<boolean> | boolean;
}

/**
 * @param wire The connection of the socket.
 * @param stallMs How long a client may read nothing.
 */
export function createStreamClient(socket: WebSocket, wire: Socket, stallMs: number): StreamClient {
  let isGathering = false;
  return { socket, push };

  function push(frame: string): Promise<boolean> | boolean {
    if (socket.readyState !== socket.OPEN) return true;
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

  /** Combines the frames of one turn of the event loop into one write, which costs as much as a single frame. */
  function gather(): void {
    if (isGathering) return;
    isGathering = true;
    wire.cork();
    process.nextTick(() => {
      isGathering = false;
      wire.uncork();
    });
  }
}
