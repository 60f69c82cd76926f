/** Timeouts for clients, milliseconds. */
export interface Deadlines {
  /** From the start of a request, or of its connection, to its end; the headers have two thirds of it. */
  readonly requestMs: number;
  /** Between two pings of a WebSocket, or two comments of server-sent events. The client must answer a ping before the next one. */
  readonly pingMs: number;
  /** A stream whose client reads nothing while data waits for it. */
  readonly stallMs: number;
  /** A client's answer to a close frame; then its connection is closed. */
  readonly closeMs: number;
  /** A stream of a client that connects again whenever it is closed, after the end of its order. */
  readonly overMs: number;
  /** One response of server-sent events in all, since the engine cannot see whether its client still reads. A browser resumes. */
  readonly eventsMs: number;
}
