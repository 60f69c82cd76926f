/** Error codes of the API: status, and what to do about it. Codes are never reused. */
export const PROBLEMS = {
  invalid_json: { status: 400, title: 'Body is not JSON', hint: 'Send one JSON object, encoded as UTF-8.' },
  invalid_request: {
    status: 400,
    title: 'Request has the wrong shape',
    hint: 'Compare the request with docs/api.md.',
  },
  invalid_cursor: {
    status: 400,
    title: 'Cursor is not valid',
    hint: 'Pass nextCursor of the page before, unchanged.',
  },
  invalid_id: {
    status: 400,
    title: 'Id is not valid',
    hint: 'An orderId is a UUID, as POST /api/orders returned it.',
  },
  unauthorized: {
    status: 401,
    title: 'Key is missing or wrong',
    hint: 'Send "Authorization: Bearer <API_KEY>".',
  },
  forbidden_host: {
    status: 403,
    title: 'Host is not allowed',
    hint: 'Call the engine as 127.0.0.1 or localhost.',
  },
  forbidden_origin: {
    status: 403,
    title: 'Origin is not allowed',
    hint: 'Only pages of the engine itself, and of the origins in CORS_ORIGIN, may call it from a browser.',
  },
  not_found: { status: 404, title: 'There is nothing here', hint: 'docs/api.md lists every path.' },
  order_not_found: { status: 404, title: 'Order is not known', hint: 'GET /api/orders lists the orders.' },
  order_departed: {
    status: 410,
    title: 'Order has left',
    hint: 'Orders of its time were removed after RETENTION_DAYS. If it was executed, its transaction on the chain has its id in the memo.',
  },
  request_timeout: {
    status: 408,
    title: 'Request did not arrive in time',
    hint: 'Repeat the request, with the same key where it had one.',
  },
  client_order_id_taken: {
    status: 409,
    title: 'clientOrderId belongs to another order',
    hint: 'Repeat the first body to get that order, or choose a new clientOrderId.',
  },
  order_not_open: {
    status: 409,
    title: 'Order is not open',
    hint: 'Only a resting order can be amended. Cancel it, or submit another one.',
  },
  order_changed: {
    status: 412,
    title: 'Order has changed',
    hint: 'Read the order again and send its new ETag as If-Match.',
  },
  order_is_over: {
    status: 409,
    title: 'Order is over',
    hint: 'GET /api/orders/{orderId} shows how it ended; only an order that is not over can be canceled.',
  },
  review_not_possible: {
    status: 409,
    title: 'Order cannot be reviewed',
    hint: 'GET /api/orders?needsReview=true lists the orders that can.',
  },
  body_too_large: { status: 413, title: 'Body is too large', hint: 'An order needs less than 64 KiB.' },
  unsupported_media_type: {
    status: 415,
    title: 'Content type is not supported',
    hint: 'Send "content-type: application/json".',
  },
  upgrade_required: {
    status: 426,
    title: 'This path is a WebSocket',
    hint: 'Connect with a WebSocket client; GET /api/orders/{orderId}/events sends the same as server-sent events.',
  },
  headers_too_large: {
    status: 431,
    title: 'Headers are too large',
    hint: 'Send less than 16 KiB of headers.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key belongs to another request',
    hint: 'Repeat the first body to get its order, or send a new key.',
  },
  unknown_token: {
    status: 422,
    title: 'Token is not known',
    hint: 'GET /api/tokens lists symbols and mints.',
  },
  same_token: { status: 422, title: 'Tokens are the same', hint: 'Name two different tokens.' },
  no_pool: { status: 422, title: 'Pair cannot be traded', hint: 'GET /api/pools lists the pairs.' },
  invalid_price: {
    status: 422,
    title: 'Price is not a decimal number above zero',
    hint: 'Send a decimal string such as "150.25".',
  },
  not_amendable: {
    status: 422,
    title: 'Order has no such field to amend',
    hint: 'Cancel the order and submit another one.',
  },
  time_in_force_unsupported: {
    status: 422,
    title: 'Type of order does not take this timeInForce',
    hint: 'docs/orders says which types take which.',
  },
  invalid_amount: {
    status: 422,
    title: 'Amount is not valid',
    hint: 'Send a decimal string such as "12.5".',
  },
  too_many_decimals: {
    status: 422,
    title: 'Amount has too many decimals',
    hint: 'Round it to the decimals of the token.',
  },
  amount_out_of_range: {
    status: 422,
    title: 'Amount is out of range',
    hint: 'Send more than zero and at most 2^64 - 1 base units.',
  },
  already_expired: {
    status: 422,
    title: 'The order would have expired already',
    hint: 'Send an expiresAt in the future, or none.',
  },
  scenarios_unavailable: {
    status: 422,
    title: 'Failures on demand are not available',
    hint: 'Leave "simulate" out, or run the engine on the devnet.',
  },
  internal_error: {
    status: 500,
    title: 'Unexpected error',
    hint: 'Repeat the request with the same key; report the requestId.',
  },
  too_busy: {
    status: 503,
    title: 'Too many orders are waiting',
    hint: 'Repeat the request with the same key after the seconds that Retry-After names.',
  },
  too_many_connections: {
    status: 503,
    title: 'Too many connections',
    hint: 'Use the connections that you have for more than one request, and try again in a moment.',
  },
  chain_unavailable: { status: 503, title: 'Chain cannot be reached', hint: 'Try again in a moment.' },
  store_unavailable: {
    status: 503,
    title: 'Database cannot be reached',
    hint: 'Repeat the request with the same key in a moment.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Body of every error answer (RFC 9457), media type application/problem+json. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** What was wrong with this request. */
  readonly detail: string;
  /** What to do next. */
  readonly hint: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly requestId: string;
  /** The field at fault, where there is one. */
  readonly field?: string;
}

export function toProblem(
  code: ProblemCode,
  about: { detail?: string; hint?: string; requestId: string; field?: string },
): Problem {
  const { status, title, hint } = PROBLEMS[code];
  return {
    type: `urn:order-execution-engine:problem:${code}`,
    title,
    status,
    code,
    detail: about.detail ?? `${title}.`,
    hint: about.hint ?? hint,
    retryable: status >= 500,
    requestId: about.requestId,
    ...(about.field !== undefined && { field: about.field }),
  };
}
