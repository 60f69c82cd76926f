import { Duplex } from 'node:stream';
import type { PgliteThread } from './pglite-thread.ts';

/** The two messages of the PostgreSQL protocol that end a request: Query and Sync. */
const REQUEST_ENDS = new Set(['Q', 'S'].map((letter) => letter.charCodeAt(0)));
const TERMINATE = 'X'.charCodeAt(0);
const HEADER_BYTES = 5;

/** PGlite has one session for ever; a new connection must not find what the one before left behind. */
const FRESH_SESSION = ['ROLLBACK', 'DISCARD ALL'];

/**
 * The socket of a `pg` connection whose server is the database thread: bytes of the protocol there and back, whole
 * requests at a time.
 */
export class PgliteStream extends Duplex {
  readonly #thread: PgliteThread;
  #held: Buffer = Buffer.alloc(0);
  #isStarted = false;

  constructor(thread: PgliteThread) {
    super();
    this.#thread = thread;
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#isStarted) this.#forward();
    else {
      this.#start().then(() => done(), done);
      return;
    }
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  /** Does not wait for the answer: the thread works through what it has been handed, and answers in that order. */
  #forward(): void {
    const end = endOfLastRequest(this.#held);
    if (end === 0) return;
    const request = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    this.#thread.ask(request).then(
      (answer) => this.push(answer),
      (error: Error) => this.destroy(error),
    );
  }

  /** The first message has no letter: its length, then version and parameters. */
  async #start(): Promise<void> {
    if (this.#held.length < 4 || this.#held.length < this.#held.readUInt32BE(0)) return;
    const startup = this.#held;
    this.#held = Buffer.alloc(0);
    this.#isStarted = true;
    for (const statement of FRESH_SESSION) await this.#thread.ask(query(statement));
    this.push(await this.#thread.ask(startup));
  }

  // What else `pg` asks of a socket; there is none here.
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}

/** Where the last whole request in the bytes ends; 0 if none is whole. A goodbye is left out: the session stays. */
function endOfLastRequest(bytes: Buffer): number {
  let end = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const letter = bytes[at]!;
    if (letter === TERMINATE) break;
    at += 1 + bytes.readUInt32BE(at + 1);
    if (at <= bytes.length && REQUEST_ENDS.has(letter)) end = at;
  }
  return end;
}

function query(statement: string): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + statement.length + 1);
  message.write('Q', 0);
  message.writeUInt32BE(4 + statement.length + 1, 1);
  message.write(statement, HEADER_BYTES);
  return message;
}
