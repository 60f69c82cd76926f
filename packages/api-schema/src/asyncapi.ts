import { priceFrame } from './answers.ts';
import { accountEvent, orderEvent, streamOpened } from './order-event.ts';
import { toSchema } from './schemas.ts';

/** One WebSocket of the interface: the parameters of its address and its frames. */
export interface Channel {
  /** With parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** What `after` counts. */
  readonly after: string;
  /** Its other parameters, each with its meaning. */
  readonly query?: Readonly<Record<string, string>>;
  /** Names of messages. */
  readonly sends: readonly (keyof typeof MESSAGES)[];
}

const MESSAGES = {
  OrderEvent: { schema: orderEvent, summary: 'A fact about an order' },
  AccountEvent: {
    schema: accountEvent,
    summary: "A fact about an order and its place in the account's stream",
  },
  Price: { schema: priceFrame, summary: 'The price of a pair, when it has changed' },
  StreamOpened: { schema: streamOpened, summary: 'The first frame: where the stream begins' },
};

export const CHANNELS = {
  orderStream: {
    path: '/api/orders/{orderId}/stream',
    summary: "The order's events, history first, then live; closed with 1000 after the last one",
    after: 'Only events after this sequence',
    sends: ['OrderEvent'],
  },
  accountStream: {
    path: '/api/stream',
    summary: 'The events of all orders, each with its position; stays open',
    after: 'Only events after this position; without it those from now on',
    query: {
      prices: 'Adds the prices of these pairs, such as SOL/USDC,JUP/USDC; 20 at most',
      events: 'none: only prices, without stream.opened and events',
    },
    sends: ['StreamOpened', 'AccountEvent', 'Price'],
  },
} as const satisfies Readonly<Record<string, Channel>>;

/** Every channel with its name. */
export const channels = (): readonly (Channel & { readonly id: string })[] =>
  Object.entries<Channel>(CHANNELS).map(([id, channel]) => ({ id, ...channel }));

/** Close codes beside 1000. */
const CLOSE_CODES =
  '1012 the engine is stopping, 4400 malformed id or query, 4401 key, 4404 unknown order, 4408 too slow: the reason says where to resume, 4410 the order or its events have left';

/** The streams as AsyncAPI 3.0. What is asked over HTTP is in the OpenAPI document. */
export function asyncApiDocument({
  version,
  host,
  protocol,
}: {
  version: string;
  host: string;
  protocol: 'ws' | 'wss';
}): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Order Execution Engine, streams',
      version,
      description: `WebSockets that send JSON frames and read none. Close codes: ${CLOSE_CODES}. A ping comes every 20 s by default.`,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      engine: { host, protocol, security: [{ $ref: '#/components/securitySchemes/key' }] },
    },
    channels: Object.fromEntries(channels().map((channel) => [channel.id, toChannel(channel)])),
    operations: Object.fromEntries(
      channels().map(({ id, summary, sends }) => [
        `send${id.charAt(0).toUpperCase()}${id.slice(1)}`,
        {
          action: 'send',
          summary,
          channel: { $ref: `#/channels/${id}` },
          messages: sends.map((name) => ({ $ref: `#/channels/${id}/messages/${name}` })),
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        Object.entries(MESSAGES).map(([name, { summary }]) => [
          name,
          { name, summary, payload: { $ref: `#/components/schemas/${name}` } },
        ]),
      ),
      schemas: Object.fromEntries(
        Object.entries(MESSAGES).map(([name, { schema }]) => [name, toSchema(schema)]),
      ),
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'The API_KEY; on loopback without API_KEY no key is needed',
        },
      },
    },
  };
}

function toChannel({ path, summary, after, query = {}, sends }: Channel): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  return {
    address: path,
    summary,
    ...(names.length > 0 && {
      parameters: Object.fromEntries(names.map((name) => [name, { description: `The ${name}, a UUID` }])),
    }),
    messages: Object.fromEntries(sends.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      ws: {
        query: {
          type: 'object',
          properties: {
            after: { type: 'integer', minimum: 0, description: after },
            ...Object.fromEntries(
              Object.entries(query).map(([name, description]) => [name, { type: 'string', description }]),
            ),
          },
        },
        bindingVersion: '0.1.0',
      },
    },
  };
}
