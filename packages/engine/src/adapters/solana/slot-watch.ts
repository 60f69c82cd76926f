import WebSocket from 'ws';
import type { Logger } from '../../ports/logger.ts';

export interface SlotWatchOptions {
  /** Null: polling only. */
  readonly wsUrl: string | null;
  /** Polls a node's slot while the socket is down. */
  readonly pollSlot: () => Promise<bigint>;
  readonly log: Logger;
  readonly pollIntervalMs?: number;
}

export interface SlotWatch {
  onSlot(listener: (slot: bigint) => void): () => void;
  close(): void;
}

const POLL_MS = 500;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
// A socket without a slot for this long counts as dead, whatever else it sends.
const SILENCE_MS = 10_000;

/**
 * One WebSocket subscription to slots, shared by all listeners; begins with the first listener.
 *
 * connecting  the socket is opened; slots are polled meanwhile
 * live        slots arrive; polling rests
 * waiting     the socket failed; slots are polled until the next try, with growing pauses
 * closed      for ever
 */
export function createSlotWatch(options: SlotWatchOptions): SlotWatch {
  const { wsUrl, pollSlot, log } = options;
  const pollIntervalMs = options.pollIntervalMs ?? POLL_MS;
  const listeners = new Set<(slot: bigint) => void>();
  let socket: WebSocket | null = null;
  let isStarted = false;
  let isClosed = false;
  let lastSlot = -1n;
  let lastHeardAt = 0;
  let backoffMs = FIRST_BACKOFF_MS;
  let retry: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;

  function tell(slot: bigint): void {
    if (slot === lastSlot) return;
    lastSlot = slot;
    for (const listener of listeners) listener(slot);
  }

  function connect(): void {
    if (isClosed || wsUrl === null) return;
    const opened = openSlotSocket(wsUrl, (slot) => {
      lastHeardAt = performance.now();
      backoffMs = FIRST_BACKOFF_MS;
      tell(slot);
    });
    socket = opened;
    opened.on('close', () => {
      if (isClosed || socket !== opened) return;
      socket = null;
      lastHeardAt = 0;
      log.warn({ retryInMs: backoffMs }, 'slot socket closed');
      retry = setTimeout(connect, backoffMs).unref();
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    });
  }

  async function pollOnce(): Promise<void> {
    const silentMs = performance.now() - lastHeardAt;
    const isLive = lastHeardAt > 0 && silentMs < SILENCE_MS;
    if (lastHeardAt > 0 && !isLive) socket?.terminate();
    try {
      if (!isLive) tell(await pollSlot());
    } catch {
      // An unavailable node announces no slot; reads report the failure.
    }
    if (!isClosed) poll = setTimeout(pollOnce, pollIntervalMs).unref();
  }

  return {
    onSlot(listener) {
      listeners.add(listener);
      if (!isStarted && !isClosed) {
        isStarted = true;
        connect();
        void pollOnce();
      }
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(poll);
      listeners.clear();
      socket?.terminate();
    },
  };
}

/** A socket that subscribes to slots as soon as it is open. Its failures end in its `close` event. */
function openSlotSocket(wsUrl: string, onSlot: (slot: bigint) => void): WebSocket {
  const socket = new WebSocket(wsUrl, { handshakeTimeout: SILENCE_MS });
  socket.on('open', () => socket.send('{"jsonrpc":"2.0","id":1,"method":"slotSubscribe"}'));
  socket.on('message', (data) => {
    const slot = slotOf(String(data));
    if (slot !== null) onSlot(slot);
  });
  // Ignored, since its text may quote the URL; the `close` event that follows is handled.
  socket.on('error', () => undefined);
  return socket;
}

function slotOf(text: string): bigint | null {
  try {
    const message = JSON.parse(text) as { method?: string; params?: { result?: { slot?: unknown } } };
    const slot = message.method === 'slotNotification' ? message.params?.result?.slot : undefined;
    return typeof slot === 'number' && Number.isSafeInteger(slot) ? BigInt(slot) : null;
  } catch {
    return null;
  }
}
