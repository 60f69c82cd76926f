import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { UNSUBSCRIBES, WISHES } from '../../src/pubsub/wishes.ts';
import { SERVED } from '../../src/rpc/method-table.ts';
import { type Cluster, eventually, openCluster } from './cluster.ts';

/**
 * The envelope of JSON-RPC, held to what Agave's server makes of it: jsonrpc-core 18, `core/src/types` and `core/src/io.rs`, and
 * the parameters as `derive/src/to_delegate.rs` reads them.
 */
let cluster: Cluster;
let socket: WebSocket;
const frames: string[] = [];

beforeAll(async () => {
  cluster = await openCluster();
  socket = new WebSocket(cluster.wsUrl);
  socket.on('message', (data) => frames.push(String(data)));
  await once(socket, 'open');
}, 60_000);
afterAll(() => {
  socket?.close();
  return cluster?.devnet?.stop();
});

/** The body of the answer as it is on the wire, without the line's end. */
async function overHttp(body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(cluster.url, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  return (await response.text()).trim();
}

/** The frame that answers; empty where the answer to a request that was sent later comes first. */
async function overSocket(text: string): Promise<string> {
  frames.length = 0;
  socket.send(text);
  socket.send('{"jsonrpc":"2.0","method":"rootUnsubscribe","params":["end"],"id":"end"}');
  await eventually('the last answer', async () => frames.find((frame) => frame.includes('"id":"end"')));
  const own = frames.filter((frame) => !frame.includes('"id":"end"') && !frame.includes('Notification"'));
  return own.join('\n');
}

const ways = [
  ['HTTP', overHttp, 'getHealth', '"ok"'],
  ['WebSocket', overSocket, 'slotSubscribe', '\\d+'],
] as const;

describe.each(ways)('over %s', (_, send, method, result) => {
  const answered = (id: string) => new RegExp(`^\\{"jsonrpc":"2.0","result":${result},"id":${id}\\}$`);
  const refused = (code: number, message: string, id: string) =>
    `{"jsonrpc":"2.0","error":{"code":${code},"message":"${message}"},"id":${id}}`;
  const unreadable = refused(-32_700, 'Parse error', 'null');

  test.each(['0', '18446744073709551615', '9007199254740993', '"12345678901234567890"', '""', 'null'])(
    'the answer repeats the id %s exactly',
    async (id) => {
      expect(await send(`{"jsonrpc":"2.0","id":${id},"method":"${method}"}`)).toMatch(answered(id));
    },
  );

  test.each(['1.0', '1.5', '1e3', '1E3', '-0', '-1', '18446744073709551616', 'true', '[1]', '{}'])(
    'a request with the id %s cannot be read',
    async (id) => {
      expect(await send(`{"jsonrpc":"2.0","id":${id},"method":"${method}"}`)).toBe(unreadable);
      const batch = `[{"jsonrpc":"2.0","id":1,"method":"${method}"},{"jsonrpc":"2.0","id":${id},"method":"${method}"}]`;
      expect(await send(batch)).toBe(unreadable);
    },
  );

  test.each(['[]', 'null'])('params of %s count as no parameters', async (params) => {
    expect(await send(`{"jsonrpc":"2.0","id":7,"method":"${method}","params":${params}}`)).toMatch(
      answered('7'),
    );
  });

  test.each([
    '"params":"a"',
    '"params":5',
    '"params":1.0',
    '"params":true',
    '"params":[],"extra":1',
    '"jsonrpc":"1.0"',
  ])('a request with %s is invalid, under its own id', async (members) => {
    const request = `{"jsonrpc":"2.0","id":"x","method":"${method}",${members}}`;
    expect(await send(request)).toBe(refused(-32_600, 'Invalid request', '"x"'));
    expect(await send(request.replace('"id":"x",', ''))).toBe(refused(-32_600, 'Invalid request', 'null'));
    const pair = `[${request},{"jsonrpc":"2.0","id":2,"method":"nope"}]`;
    const both = [
      refused(-32_600, 'Invalid request', '"x"'),
      expect.stringContaining('"error":{"code":-32601,"message":"Method not found'),
    ];
    expect((await send(pair)).slice(1, -1).split(/,(?=\{"jsonrpc)/)).toEqual(both);
  });

  test('a request without a version gets an answer without one', async () => {
    const error = '{"code":-32600,"message":"Unsupported JSON-RPC protocol version"}';
    expect(await send(`{"id":3,"method":"${method}"}`)).toBe(`{"error":${error},"id":3}`);
    expect(await send(`{"jsonrpc":null,"id":3,"method":"nope"}`)).toBe(`{"error":${error},"id":3}`);
  });

  test('a malformed method or request is invalid', async () => {
    expect(await send('{}')).toBe(refused(-32_600, 'Invalid request', 'null'));
    expect(await send('{"jsonrpc":"2.0","id":4,"method":5}')).toBe(refused(-32_600, 'Invalid request', '4'));
    for (const text of ['1', 'null', '"a"', '[1]', '[{},1]', '[[]]', '{'])
      expect(await send(text)).toBe(unreadable);
  });

  test('notifications and the empty batch are not answered', async () => {
    expect(await send('[]')).toBe('');
    expect(await send(`{"jsonrpc":"2.0","method":"${method}"}`)).toBe('');
    expect(await send(`{"jsonrpc":"2.0","method":"${method}","params":{"a":1}}`)).toBe('');
    expect(await send(`{"method":"${method}"}`)).toBe('');
    expect(await send(`[{"jsonrpc":"2.0","method":"${method}"},{"jsonrpc":"2.0","method":"nope"}]`)).toBe('');
  });

  test('a batch is answered in its order', async () => {
    const request = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"${method}"}`;
    const text = await send(`[${request(5)},{"jsonrpc":"2.0","method":"${method}"},{},${request(6)}]`);
    expect(JSON.parse(text)).toMatchObject([{ id: 5 }, { id: null, error: { code: -32_600 } }, { id: 6 }]);
  });
});

const methods = Object.values(SERVED).flatMap((served) => Object.keys(served));
const subscriptions = [...Object.keys(WISHES), ...Object.keys(UNSUBSCRIBES)];
const everything = [
  ...methods.map((method) => [method, overHttp] as const),
  ...subscriptions.map((method) => [method, overSocket] as const),
];
const FEW_WITHOUT_OPTIONS = new Map([...Object.keys(UNSUBSCRIBES), 'getBlockTime'].map((name) => [name, 1]));
FEW_WITHOUT_OPTIONS.set('getSlotLeaders', 2);
const NO_PARAMETERS = new Set(
  'getHealth getVersion getIdentity getClusterNodes getGenesisHash getEpochSchedule getFirstAvailableBlock'
    .split(' ')
    .concat('minimumLedgerSlot', 'slotSubscribe', 'slotsUpdatesSubscribe', 'rootSubscribe'),
);

describe('parameters', () => {
  test.each(everything)('%s takes them by position only', async (method, send) => {
    const answer = JSON.parse(
      await send(`{"jsonrpc":"2.0","id":"p","method":"${method}","params":{"b":"c","a":[1,null]}}`),
    );
    const size = FEW_WITHOUT_OPTIONS.get(method);
    const error = NO_PARAMETERS.has(method)
      ? {
          message: 'Invalid parameters: No parameters were expected',
          data: 'Map({"a": Array [Number(1), Null], "b": String("c")})',
        }
      : {
          message:
            size === undefined
              ? '`params` should be an array'
              : `Invalid params: invalid type: map, expected a tuple of size ${size}.`,
        };
    expect(answer).toEqual({ jsonrpc: '2.0', error: { code: -32_602, ...error }, id: 'p' });
  });

  test.each(everything)('%s takes no more than it has', async (method, send) => {
    const params = '[1,2,3,4,5]';
    const { error } = JSON.parse(
      await send(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`),
    );
    if (NO_PARAMETERS.has(method))
      expect(error).toEqual({
        code: -32_602,
        message: 'Invalid parameters: No parameters were expected',
        data: 'Array([Number(1), Number(2), Number(3), Number(4), Number(5)])',
      });
    else if (FEW_WITHOUT_OPTIONS.has(method))
      expect(error).toEqual({
        code: -32_602,
        message: 'Invalid params: invalid length 5, expected fewer elements in array.',
      });
    else
      expect(error).toEqual({
        code: -32_602,
        message: expect.stringMatching(/^Invalid parameters: Expected from [012] to [123] parameters\.$/),
        data: 'Got: 5',
      });
  });

  test.each([
    ['getBalance', '', '`params` should have at least 1 argument(s)'],
    ['getBalance', ',"params":[]', '`params` should have at least 1 argument(s)'],
    ['requestAirdrop', ',"params":["a"]', '`params` should have at least 2 argument(s)'],
    ['getBlockTime', '', 'Invalid params: invalid type: null, expected a tuple of size 1.'],
    ['getSlotLeaders', ',"params":[1]', 'Invalid params: invalid length 1, expected a tuple of size 2.'],
  ])('%s with too few of them (%s)', async (method, params, message) => {
    const answer = await overHttp(`{"jsonrpc":"2.0","id":1,"method":"${method}"${params}}`);
    expect(JSON.parse(answer).error).toEqual({ code: -32_602, message });
  });

  test('a number with a fraction or an exponent is not an integer', async () => {
    for (const size of ['165.0', '1e2', '-0'])
      expect(
        await overHttp(
          `{"jsonrpc":"2.0","id":1,"method":"getMinimumBalanceForRentExemption","params":[${size}]}`,
        ),
      ).toContain('"code":-32602');
  });
});
