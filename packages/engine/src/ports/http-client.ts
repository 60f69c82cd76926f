/**
 * One HTTP request. The client may send it twice: a server may close an idle connection just as the request goes out, and then
 * it is unknown whether the server read it. So only requests that do no harm when repeated may be made.
 */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** User and password in it become basic authentication. */
  readonly url: URL;
  /** With `accept-encoding: gzip` the client unpacks the answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call until the whole answer is there. */
  readonly timeoutMs: number;
  /** Longest body of an answer, unpacked. */
  readonly maxBytes: number;
  /** Ends the request early, as its timeout would. */
  readonly signal?: AbortSignal;
}

/** An answer with any status: an error, and a redirect, which is never followed, are answers too. */
export interface HttpAnswer {
  readonly status: number;
  /** @param name In lower case. @returns Null if the answer lacks it. */
  header(name: string): string | null;
  /** UTF-8. */
  readonly body: string;
}

/** The request has no answer. The message may name the host. */
export class HttpFailure extends Error {
  override name = 'HttpFailure';
  readonly kind: 'timeout' | 'tooLong' | 'unreachable';

  constructor(kind: HttpFailure['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** @throws {HttpFailure} No whole answer came in time. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;
