import { NETWORKS } from './networks.ts';
import { readOrigins } from './read-origins.ts';

/** One environment variable: how it is read, what it is without being set, and what it means. */
export interface Setting<T> {
  readonly fallback: string;
  /** @throws {Error} With what the value must be; the name is added by the caller. */
  readonly read: (text: string) => T;
  readonly meaning: string;
  /** It decides about money, so every process that is alive has the same value. */
  readonly inCommon?: true;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Every setting of the engine; docs/configuration.md is compared with this table in a test. */
export const SETTINGS = {
  PORT: port('3000', 'Port of the HTTP and WebSocket API; 0 takes any free one.'),
  HOST: text(
    '127.0.0.1',
    'Address to listen on. Anything but loopback requires API_KEY or ALLOW_UNAUTHENTICATED=yes.',
  ),
  DATA_DIR: text(
    './data',
    'Directory of the embedded database, the wallet and the devnet ledger. One process only.',
  ),
  ALLOW_UNLOCKED_DATA_DIR: oneOf(
    ['no', 'yes'],
    'no',
    '`yes` works in a DATA_DIR that the system cannot lock; then nothing keeps a second process off it.',
  ),
  DATABASE_URL: optional(
    'postgres:// address. Replaces the embedded database. With `?pgbouncer=true` behind a transaction pooler.',
    /^postgres(ql)?:\/\/.+/,
  ),
  REDIS_URL: optional(
    'redis:// address. Connects several processes of one database; needs DATABASE_URL.',
    /^rediss?:\/\/.+/,
  ),
  CHAIN: oneOf(['devnet'], 'devnet', 'Which chain to trade on: `devnet`, the local Solana.'),
  DEVNET_URL: optional(
    'http:// address of a local Solana that runs by itself (`npm run devnet`). Without it the engine starts one.',
    /^http:\/\/[^/]+\/?$/,
  ),
  DEVNET_NODE_2_URL: optional(
    'http:// address of its second node, where that has a port of its own (`--node-2-port`). Without it `/node/2` of the first.',
    /^http:\/\/[^\s]+$/,
  ),
  DEVNET_PORT: port(
    '8899',
    'Port of the local Solana; its WebSocket is there and one above. 0 takes any free one.',
  ),
  DEVNET_SLOT_MS: whole('400', 10, 60_000, 'Length of a slot of the local Solana, milliseconds.'),
  DEVNET_SEED: text('devnet', 'Seed of the local market. Another seed needs another DATA_DIR.'),
  DEVNET_MARKET: oneOf(
    ['calm', 'none', 'wild'],
    'calm',
    'How lively the local market trades by itself: none, calm or wild.',
  ),
  WALLET_FILE: optional(
    'Keypair file of the wallet, Solana CLI format; `start:worker` needs it. Elsewhere, without it, DATA_DIR/wallet.json, made at first start.',
  ),
  LOG_LEVEL: oneOf(
    LOG_LEVELS,
    'info',
    'Least severe level that is logged: trace, debug, info, warn, error or silent.',
  ),
  API_KEY: optional('Bearer key, 32 characters or more. Required off loopback.', /^[\x21-\x7e]{32,256}$/),
  ALLOW_UNAUTHENTICATED: oneOf(['no', 'yes'], 'no', '`yes` serves a non-loopback HOST without a key.'),
  CORS_ORIGIN: {
    fallback: '',
    read: readOrigins,
    meaning:
      'Origins whose pages may call the API from a browser, over HTTP and WebSocket, such as http://localhost:5173, separated by commas. Without it only pages of the API itself.',
  },
  MAX_BACKLOG_ORDERS: whole(
    '5000',
    1,
    10_000_000,
    'Orders of which nothing is signed yet, whether they wait for a worker, for their next try, or for a chain or venues that are away. Beyond it a submission is answered 503 with Retry-After, and nothing of it is stored.',
  ),
  MAX_CONNECTIONS: whole(
    '20000',
    1,
    1_000_000,
    'Connections of clients that are open at once, streams included; fewer where the process may not open as many files.',
  ),
  MAX_CONNECTIONS_PER_ADDRESS: whole(
    '1000',
    1,
    1_000_000,
    'The same of one address, or of one /64 network of IPv6; loopback and TRUSTED_PROXIES have no such limit.',
  ),
  TRUSTED_PROXIES: optional(
    'Addresses and networks of the proxies in front, such as 10.0.0.0/8, separated by commas. Only their X-Forwarded-For and -Proto are believed.',
    NETWORKS,
  ),
  REQUEST_TIMEOUT_MS: whole(
    '30000',
    1_000,
    600_000,
    'How long a request may take to arrive, milliseconds; its headers have two thirds of that.',
  ),
  STREAM_PING_MS: whole(
    '20000',
    100,
    600_000,
    'Time between two pings of a WebSocket, or two comments of server-sent events, milliseconds. A WebSocket that has not answered by the next ping is closed.',
  ),
  STREAM_STALL_MS: whole(
    '30000',
    100,
    600_000,
    'How long the client of a stream may take nothing while much waits for it, milliseconds; then the stream is closed.',
  ),
  EVENT_STREAM_MAX_MS: whole(
    '600000',
    1_000,
    86_400_000,
    'How long server-sent events last at most, milliseconds; a browser resumes where they ended.',
  ),
  QUEUE_MAX_CONCURRENCY: whole(
    '64',
    1,
    10_000,
    'Orders that are routed and built at once, over all processes. Waiting for the chain takes no place.',
  ),
  QUEUE_RATE_LIMIT_PER_MINUTE: whole(
    '0',
    0,
    10_000_000,
    'Orders started in any 60 s at most, over all processes, each further try counted too. So many may start at once: starts are never spaced. 0 for no limit.',
  ),
  JUPITER_URL: inCommon(
    optional(
      "Address of Jupiter's swap API, such as https://api.jup.ag/swap/v2, or `off`. Without it the local Solana's own.",
      /^(off|https?:\/\/[^\s?#@]+[^\s?#@/])$/,
    ),
  ),
  JUPITER_API_KEY: optional('Key for JUPITER_URL, sent as x-api-key.', /^[\x21-\x7e]{1,256}$/),
  STREAM_HOLD_MS: whole(
    '300000',
    1_000,
    86_400_000,
    'How long an order of a client that starts it by connecting its stream waits for that, milliseconds.',
  ),
  QUOTE_TIMEOUT_MS: whole('1000', 10, 60_000, 'How long venues may take to quote, milliseconds.'),
  MAX_WAIT_MS: inCommon(
    whole(
      '600000',
      1_000,
      86_400_000,
      'How long an order waits for a chain or for venues that are away before it expires, milliseconds; its own expiresAt goes before.',
    ),
  ),
  MAX_TRIES: inCommon(whole('3', 1, 10, 'Tries of one order before it fails.')),
  POOLS: inCommon(
    optional(
      'Addresses of the pools to trade, separated by commas. Without it every pool of the known programs.',
      /^[1-9A-HJ-NP-Za-km-z]{32,44}(,[1-9A-HJ-NP-Za-km-z]{32,44})*$/,
    ),
  ),
  DISCOVER_POOLS_MS: whole(
    '10000',
    0,
    3_600_000,
    'How often pools that were launched since are looked for, milliseconds; 0: only when an unknown mint or pair is named.',
  ),
  MAX_QUOTE_AGE_SLOTS: inCommon(
    whole('20', 1, 150, 'Slots that the accounts behind a quote may be old; older quotes are refused.'),
  ),
  MAX_PRICE_IMPACT_BPS: inCommon(
    whole(
      '1000',
      1,
      10_000,
      'Loss to its own size beyond which an order takes no route; 100 is 1 %. An order may ask for less.',
    ),
  ),
  MAX_ROUTE_LEGS: whole(
    '5',
    1,
    12,
    'Pools that one order may be split over or led through; 1 for no such routes.',
  ),
  EXECUTION_GUARD: inCommon(
    oneOf(
      ['protocol', 'strict'],
      'protocol',
      'Guard of orders that name none: protocol, or strict, which lets the chain itself refuse a second landing.',
    ),
  ),
  STRICT_FROM_LAMPORTS: inCommon(
    whole(
      '1000000000',
      0,
      1_000_000_000_000_000,
      'Worth from which an order that names no guard is strict, lamports; 0 for never. One whose worth is not known counts as large.',
    ),
  ),
  EXECUTION_SECRET: optional(
    'Secret of 32 characters or more from which receipts follow, the same in every process. Without it one that follows from the wallet.',
    /^[\x21-\x7e]{32,256}$/,
  ),
  SWEEP_DUST_LAMPORTS: inCommon(
    whole(
      '1000000',
      0,
      1_000_000_000_000,
      'Worth from which what a route leaves of a token between its legs is swapped on by an order of its own; 0 for never.',
    ),
  ),
  PRIORITY_FEE_MICRO_LAMPORTS: inCommon(
    whole('0', 0, 1_000_000_000, 'Least that is offered for a compute unit, micro-lamports.'),
  ),
  PRIORITY_FEE_MAX_MICRO_LAMPORTS: inCommon(
    whole(
      '1000000',
      0,
      1_000_000_000,
      'Most that is offered for a compute unit when the chain is busy; not above the least: never more than that.',
    ),
  ),
} as const satisfies Record<string, Setting<unknown>>;

/** Names that other engines use, and names of the later live mode: refused by name, never ignored. */
export const UNAVAILABLE_SETTINGS: Readonly<Record<string, string>> = {
  REDIS_HOST: 'a Redis server is named by REDIS_URL; unset it',
  WS_WORKER_CONCURRENCY: 'no worker serves sockets here; unset it, and see QUEUE_MAX_CONCURRENCY',
  WS_WORKER_RATE_LIMIT: 'no worker serves sockets here; unset it, and see QUEUE_RATE_LIMIT_PER_MINUTE',
  SOLANA_RPC_URLS: 'trading on mainnet is not available in this version; unset it',
};

/**
 * Marks a setting that decides about money: how much may be lost, paid or tried again, how old a price may be, and where
 * the money may go. An order meets any process, so two values at once would be no limit at all. What only decides how fast
 * or how thoroughly offers are looked for is not among them.
 */
function inCommon<T>(setting: Setting<T>): Setting<T> & { readonly inCommon: true } {
  return { ...setting, meaning: `${setting.meaning} The same in every process.`, inCommon: true };
}

function text(fallback: string, meaning: string): Setting<string> {
  return {
    fallback,
    meaning,
    read: (value) => {
      if (value.trim() === '') throw new Error('must not be empty');
      return value;
    },
  };
}

function optional(meaning: string, shape?: Pick<RegExp, 'test'>): Setting<string | null> {
  return {
    fallback: '',
    meaning,
    read: (value) => {
      if (value === '') return null;
      // The value may be a secret: it is never repeated in the message.
      if (shape && !shape.test(value)) throw new Error(`does not have the right form. ${meaning}`);
      return value;
    },
  };
}

function whole(fallback: string, least: number, most: number, meaning: string): Setting<number> {
  return {
    fallback,
    meaning,
    read: (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= least && number <= most))
        throw new Error(`must be a whole number from ${least} to ${most}, not "${value}"`);
      return number;
    },
  };
}

function port(fallback: string, meaning: string): Setting<number> {
  return whole(fallback, 0, 65_535, meaning);
}

function oneOf<const T extends string>(values: readonly T[], fallback: T, meaning: string): Setting<T> {
  return {
    fallback,
    meaning,
    read: (value) => {
      const found = values.find((one) => one === value);
      if (!found) throw new Error(`must be one of ${values.join(', ')}, not "${value}"`);
      return found;
    },
  };
}
