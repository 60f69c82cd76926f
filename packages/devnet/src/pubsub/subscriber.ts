import type { WebSocket } from 'ws';
import { toJson } from '../rpc/json.ts';

const MAX_BUFFERED_BYTES = 8 * 2 ** 20;

/** One open socket. */
export class Subscriber {
  /** The node that it is a socket of. */
  readonly nodeNumber: number;
  private readonly socket: WebSocket;

  constructor(socket: WebSocket, nodeNumber: number) {
    this.socket = socket;
    this.nodeNumber = nodeNumber;
  }

  send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.socket.terminate(); // The client does not read. It can reconnect and ask for what it missed.
      return;
    }
    this.socket.send(text);
  }

  notify(method: string, subscription: number, result: unknown): void {
    this.send(toJson({ jsonrpc: '2.0', method, params: { result, subscription } }));
  }
}
