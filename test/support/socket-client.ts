import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A status update as any dialect or the canonical stream writes it. */
export type Update = Record<string, unknown>;

export interface Conversation {
  readonly updates: Update[];
  /** Close code; 1005 if this client closed the socket. */
  readonly code: number;
}

/**
 * The frames that a client receives on a WebSocket until the server closes it, or until the client closes it after
 * `enough` updates. `says` are the frames that the client sends as soon as it is connected.
 */
export async function converse(
  url: string,
  { says = [], enough = Number.POSITIVE_INFINITY }: { says?: readonly string[]; enough?: number } = {},
): Promise<Conversation> {
  const socket = new WebSocket(url);
  const updates: Update[] = [];
  socket.on('open', () => {
    for (const frame of says) socket.send(frame);
  });
  socket.on('message', (data) => {
    if (updates.length < enough) updates.push(JSON.parse(String(data)) as Update);
    if (updates.length === enough) socket.close();
  });
  const [code] = (await once(socket, 'close')) as [number];
  return { updates, code };
}
