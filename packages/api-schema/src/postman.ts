import type { z } from 'zod';
import { executeOrderBody } from './execute-order.ts';
import { toJsonSchema } from './json-schema.ts';
import { order } from './order.ts';
import { orderEvent } from './order-event.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';
import { submitOrderBody } from './submit-order.ts';

const CONTRACTS = { order, orderEvent } as const satisfies Record<string, z.ZodType>;

/** A request of the collection, and what its answer must be. */
interface Call {
  readonly name: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; a text as it is. */
  readonly body?: object | string;
  readonly status: number;
  /** What the answer must match. */
  readonly answer?: keyof typeof CONTRACTS;
  /** Script before the request, line by line. */
  readonly before?: readonly string[];
  /** More tests of the answer, which is `answer`. */
  readonly tests?: readonly string[];
}

const MARKET_ORDER = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
const WAIT = { prefer: 'wait=30' };
const NO_ORDER = '00000000-0000-7000-8000-000000000000';

const submit = (name: string, body: object, more: Partial<Call> = {}): Call => ({
  name,
  method: 'POST',
  path: '/api/orders',
  body: submitOrderBody.parse(body),
  status: 201,
  answer: 'order',
  ...more,
});

const execute = (dialect: string, body: object, more: Partial<Call> = {}): Call => ({
  name: `In the dialect ${dialect}`,
  method: 'POST',
  path: '/api/orders/execute',
  body: executeOrderBody.parse(body),
  status: 200,
  tests: ['pm.expect(answer.orderId ?? answer.order_id).to.match(/^[0-9a-f-]{36}$/);'],
  ...more,
});

const refusal = (code: ProblemCode, call: Omit<Call, 'status' | 'answer' | 'tests'>): Call => ({
  ...call,
  status: PROBLEMS[code].status,
  tests: [
    `pm.expect(answer.code).to.eql(${JSON.stringify(code)});`,
    'pm.expect(answer.hint).to.be.a("string").and.not.empty;',
    'pm.expect(pm.response.headers.get("content-type")).to.include("application/problem+json");',
  ],
});

const refusedOrder = (code: ProblemCode, name: string, body: object | string): Call =>
  refusal(code, { name, method: 'POST', path: '/api/orders', body });

const FOLDERS: Readonly<Record<string, readonly Call[]>> = {
  'One order': [
    submit('Submit', MARKET_ORDER, {
      tests: [
        'pm.expect(answer.status).to.eql("pending");',
        'pm.collectionVariables.set("orderId", answer.orderId);',
      ],
    }),
    { name: 'Read', path: '/api/orders/{{orderId}}', status: 200, answer: 'order' },
    {
      name: 'Its events so far',
      path: '/api/orders/{{orderId}}/events',
      status: 200,
      tests: [
        `const schema = ${contractOf('orderEvent')};`,
        'answer.data.forEach((event, index) => pm.expect(event.sequence).to.eql(index + 1));',
        'answer.data.forEach((event) => pm.expect(event).to.have.jsonSchema(schema));',
      ],
    },
    submit('Submit and wait for the end', MARKET_ORDER, {
      headers: WAIT,
      tests: [
        'pm.expect(answer.status).to.eql("confirmed");',
        'pm.collectionVariables.set("orderId", answer.orderId);',
      ],
    }),
    submit(
      'Receive an exact amount',
      { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', swapMode: 'exactOut', amountOut: '100' },
      {
        headers: WAIT,
        tests: [
          'pm.expect(answer.status).to.eql("confirmed");',
          'pm.expect(answer.amountOut).to.eql("100");',
        ],
      },
    ),
    refusal('order_is_over', {
      name: 'Cancel what is over',
      method: 'DELETE',
      path: '/api/orders/{{orderId}}',
    }),
    {
      name: 'List',
      path: '/api/orders?limit=10',
      status: 200,
      tests: ['pm.expect(answer.data).to.not.be.empty;'],
    },
  ],
  'Repeated safely': [
    submit('Submit under a key', MARKET_ORDER, {
      headers: { 'idempotency-key': '{{key}}' },
      before: ['pm.collectionVariables.set("key", pm.variables.replaceIn("{{$guid}}"));'],
      tests: ['pm.collectionVariables.set("orderId", answer.orderId);'],
    }),
    submit('Repeat it: the same order', MARKET_ORDER, {
      headers: { 'idempotency-key': '{{key}}' },
      status: 200,
      tests: ['pm.expect(answer.orderId).to.eql(pm.collectionVariables.get("orderId"));'],
    }),
    refusal('idempotency_key_reused', {
      name: 'The key with another body',
      method: 'POST',
      path: '/api/orders',
      headers: { 'idempotency-key': '{{key}}' },
      body: { ...MARKET_ORDER, amountIn: '2' },
    }),
  ],
  'Five orders at once': [
    {
      name: 'Submit five at once, then list them',
      path: '/api/orders?limit=50',
      status: 200,
      before: fiveAtOnce(),
      tests: [
        'const batch = JSON.parse(pm.collectionVariables.get("batch"));',
        'pm.expect(batch.map(({ status }) => status)).to.eql(Array(5).fill("confirmed"));',
        'pm.expect(answer.data.map(({ orderId }) => orderId)).to.include.members(batch.map(({ orderId }) => orderId));',
      ],
    },
  ],
  'Clients of other engines': [
    execute('fromToken', { fromToken: 'SOL', toToken: 'USDC', amount: 1, orderType: 'market' }),
    execute('mixed', { tokenIn: 'SOL', tokenOut: 'USDC', amount: 1 }),
    execute('inputToken', {
      type: 'MARKET',
      side: 'buy',
      inputToken: 'SOL',
      outputToken: 'USDC',
      amount: 10,
    }),
    execute('token_in', {
      token_in: 'SOL',
      token_out: 'USDC',
      amount: 12.5,
      order_type: 'market',
      max_slippage: 0.05,
    }),
    execute(
      'amountIn',
      { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '100', slippageTolerance: 0.5, minAmountOut: '99' },
      { status: 201 },
    ),
  ],
  Refusals: [
    refusedOrder('invalid_json', 'A body that is not JSON', '{"type":"market"'),
    refusedOrder('invalid_request', 'A field that is missing', {
      type: 'market',
      tokenIn: 'SOL',
      tokenOut: 'USDC',
    }),
    refusedOrder('invalid_request', 'A field that does not exist', { ...MARKET_ORDER, leverage: 10 }),
    refusedOrder('invalid_request', 'A negative amount', { ...MARKET_ORDER, amountIn: '-1' }),
    refusedOrder('amount_out_of_range', 'Nothing', { ...MARKET_ORDER, amountIn: '0' }),
    refusedOrder('invalid_amount', 'A number that is not exact', { ...MARKET_ORDER, amountIn: 1e308 }),
    refusedOrder('too_many_decimals', 'Parts of a lamport', { ...MARKET_ORDER, amountIn: '0.0000000001' }),
    refusedOrder('unknown_token', 'A token that no venue has', { ...MARKET_ORDER, tokenOut: 'NOBODY' }),
    refusedOrder('same_token', 'A token for itself', { ...MARKET_ORDER, tokenOut: 'SOL' }),
    refusal('order_not_found', { name: 'An order that does not exist', path: `/api/orders/${NO_ORDER}` }),
    refusal('invalid_id', { name: 'An id that is none', path: '/api/orders/1' }),
    refusal('upgrade_required', {
      name: 'A stream without WebSocket',
      path: `/api/orders/${NO_ORDER}/stream`,
    }),
    refusal('not_found', { name: 'A path that does not exist', path: '/api/nothing' }),
  ],
  'Market and health': [
    {
      name: 'Quotes',
      path: '/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1',
      status: 200,
      tests: ['pm.expect(answer.quotes.filter(({ outcome }) => outcome === "chosen")).to.have.lengthOf(1);'],
    },
    { name: 'Prices', path: '/api/prices?pairs=SOL/USDC,USDC/SOL', status: 200 },
    { name: 'Tokens', path: '/api/tokens', status: 200 },
    { name: 'Pools', path: '/api/pools', status: 200 },
    { name: 'Wallets', path: '/api/wallets', status: 200 },
    { name: 'Health', path: '/health', status: 200 },
    { name: 'Readiness', path: '/readyz', status: 200 },
  ],
};

/** A runner sends one request after another; these five go out together from a script. */
function fiveAtOnce(): string[] {
  const body = { mode: 'raw', raw: JSON.stringify(submitOrderBody.parse(MARKET_ORDER)) };
  return [
    'const key = pm.variables.get("apiKey");',
    'const call = {',
    '  url: pm.variables.replaceIn("{{baseUrl}}/api/orders"),',
    '  method: "POST",',
    `  header: { "content-type": "application/json", prefer: "${WAIT.prefer}", ...(key && { authorization: "Bearer " + key }) },`,
    `  body: ${JSON.stringify(body)},`,
    '};',
    'const orders = [];',
    'for (let count = 0; count < 5; count += 1)',
    '  pm.sendRequest(call, (error, response) => {',
    '    orders.push(error ? { status: String(error) } : response.json());',
    '    if (orders.length === 5) pm.collectionVariables.set("batch", JSON.stringify(orders));',
    '  });',
  ];
}

/** Script that reads a part of the contract; the collection carries each part once. */
function contractOf(part: keyof typeof CONTRACTS): string {
  return `JSON.parse(pm.collectionVariables.get("${part}"))`;
}

function toItem({
  name,
  method = 'GET',
  path,
  headers = {},
  body,
  status,
  answer,
  before,
  tests = [],
}: Call): object {
  const header = Object.entries({
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  });
  const raw = typeof body === 'string' ? body : JSON.stringify(body, null, 2);
  const script = [
    'const answer = pm.response.json();',
    `pm.test("answers ${status}", () => pm.response.to.have.status(${status}));`,
    ...(answer
      ? [
          `const contract = ${contractOf(answer)};`,
          'pm.test("answers as the contract says", () => pm.expect(answer).to.have.jsonSchema(contract));',
        ]
      : []),
    ...(tests.length > 0
      ? ['pm.test("means what it should", () => {', ...tests.map((line) => `  ${line}`), '});']
      : []),
  ];
  return {
    name,
    event: [
      ...(before ? [{ listen: 'prerequest', script: { type: 'text/javascript', exec: before } }] : []),
      { listen: 'test', script: { type: 'text/javascript', exec: script } },
    ],
    request: {
      method,
      header: header.map(([key, value]) => ({ key, value })),
      url: `{{baseUrl}}${path}`,
      ...(body !== undefined && { body: { mode: 'raw', raw } }),
    },
  };
}

/** The collection (format 2.1): every kind of request, with tests of the answers. */
export const postmanCollection = (): object => ({
  info: {
    name: 'Order Execution Engine',
    description:
      'Generated from the contract by `npm run documents`. Run it against an engine on the devnet: it trades.',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{apiKey}}', type: 'string' }] },
  variable: Object.entries(CONTRACTS).map(([key, schema]) => ({
    key,
    value: JSON.stringify(toJsonSchema(schema)),
  })),
  item: Object.entries(FOLDERS).map(([name, calls]) => ({ name, item: calls.map(toItem) })),
});

/** An engine that was started with `npm start`. */
export const postmanEnvironment = (): object => ({
  name: 'Local',
  values: [
    { key: 'baseUrl', value: 'http://127.0.0.1:3000', enabled: true },
    { key: 'apiKey', value: '', type: 'secret', enabled: true },
  ],
  _postman_variable_scope: 'environment',
});
