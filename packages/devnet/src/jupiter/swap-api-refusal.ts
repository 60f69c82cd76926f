/** An answer of the swap API that is not a success: `{error}`, as Jupiter answers. */
export class SwapApiRefusal extends Error {
  override readonly name = 'SwapApiRefusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** No route fits the request. */
export class NoRoute extends SwapApiRefusal {
  constructor() {
    super(400, 'No routes found');
  }
}
