/** How long clients are waited for, milliseconds. */
export interface Deadlines {
  /** From the beginning of a request, or of its connection, to its end; its headers have two thirds of that. */
  readonly requestMs: number;
  /** Between two pings of a WebSocket, of which each must be answered before the next, and two comments of server-sent events. */
  readonly pingMs: number;
  /** A stream of which nothing is taken while something waits for its client. */
  readonly stallMs: number;
  /** A stream of a client that connects again whenever it is closed, after the end of its order. */
  readonly overMs: number;
  /** Server-sent events altogether: nothing tells whether their client still reads. A browser resumes where it was. */
  readonly eventsMs: number;
}
