import { NETWORKS } from './networks.ts';
import { readOrigins } from './read-origins.ts';

/** One environment variable: its parser, its default and its description. */
export interface Setting<T> {
  readonly fallback: string;
  /** @throws {Error} Says what the value must be; the caller adds the name. */
  readonly read: (text: string) => T;
  readonly meaning: string;
  /** The setting decides about money, so all running processes must have the same value. */
  readonly inCommon?: true;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Every setting of the engine; docs/configuration.md and .env.example are made from this table. */
export const SETTINGS = {
  PORT: port('3000', 'Port of the HTTP and WebSocket API. 0 uses any free port.'),
  HOST: text(
    '127.0.0.1',
    'Address to listen on. Any address other than loopback requires API_KEY or ALLOW_UNAUTHENTICATED=yes.',
  ),
  DATA_DIR: text(
    './data',
    'Directory of the embedded database, the wallet and the devnet ledger. Only one process may use it.',
  ),
  ALLOW_UNLOCKED_DATA_DIR: oneOf(
    ['no', 'yes'],
    'no',
    '`yes` accepts a DATA_DIR that the system cannot lock. Then you must make sure that no second process uses it.',
  ),
  DATABASE_URL: optional(
    'postgres:// address of the server that replaces the embedded database. Add `?pgbouncer=true` behind a transaction pooler such as PgBouncer.',
    /^postgres(ql)?:\/\/.+/,
  ),
  REDIS_URL: optional(
    'redis:// address of the server that holds the queue. With DATABASE_URL it connects several processes; without, it serves one process.',
    /^rediss?:\/\/.+/,
  ),
  RETENTION_DAYS: whole(
    '0',
    0,
    36_500,
    'How long orders are kept (days). Older ones that are over leave with their events, attempts and keys, by windows of a quarter of that time. 0: for ever. The value of the leading worker applies.',
  ),
  CHAIN: oneOf(['devnet'], 'devnet', 'Which chain to trade on: `devnet`, the local Solana.'),
  DEVNET_URL: optional(
    'http:// address of a local Solana that runs as a separate process (`npm run devnet`). Default: the engine starts one.',
    /^http:\/\/[^/]+\/?$/,
  ),
  DEVNET_NODE_2_URL: optional(
    'http:// address of the second node of that local Solana, if the node has its own port (`--node-2-port`). Default: `/node/2` of the first.',
    /^http:\/\/[^\s]+$/,
  ),
  DEVNET_PORT: port(
    '8899',
    'Port of the local Solana. Its WebSocket uses the same port and the next one. 0 uses any free port.',
  ),
  DEVNET_SLOT_MS: whole('400', 10, 60_000, 'Slot time of the local Solana (ms).'),
  DEVNET_SEED: text('devnet', 'Seed of the local market. A different seed needs a different DATA_DIR.'),
  DEVNET_MARKET: oneOf(
    ['calm', 'none', 'wild'],
    'calm',
    'Activity of the simulated traders on the local market: none, calm or wild.',
  ),
  WALLET_FILE: optional(
    'Keypair file of the wallet, in the Solana CLI format. `start:worker` requires it. Default for other commands: DATA_DIR/wallet.json, created at the first start.',
  ),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info', 'Minimum log level: trace, debug, info, warn, error or silent.'),
  API_KEY: optional(
    'Bearer key that clients must send (32 characters or more). Required if HOST is not loopback.',
    /^[\x21-\x7e]{32,256}$/,
  ),
  ALLOW_UNAUTHENTICATED: oneOf(
    ['no', 'yes'],
    'no',
    '`yes` allows a HOST other than loopback without an API_KEY.',
  ),
  CORS_ORIGIN: {
    fallback: '',
    read: readOrigins,
    meaning:
      "Origins whose pages may call the API from a browser, over HTTP and WebSocket, separated by commas, such as http://localhost:5173. Default: only the API's own pages.",
  },
  MAX_BACKLOG_ORDERS: whole(
    '5000',
    1,
    10_000_000,
    'Maximum backlog: orders without a signed transaction, whether they wait for a worker, for their next try, or for an unavailable chain or venue. Above it the API answers a submission with 503 and Retry-After and stores nothing.',
  ),
  MAX_CONNECTIONS: whole(
    '20000',
    1,
    1_000_000,
    'Maximum number of open client connections, streams included. The limit is lower if the process may not open as many files.',
  ),
  MAX_CONNECTIONS_PER_ADDRESS: whole(
    '1000',
    1,
    1_000_000,
    'Maximum number of open connections from one address or one IPv6 /64 network. Loopback and TRUSTED_PROXIES are exempt.',
  ),
  TRUSTED_PROXIES: optional(
    'Addresses and networks of the proxies in front of the API, separated by commas, such as 10.0.0.0/8. The API trusts X-Forwarded-For and X-Forwarded-Proto only from them.',
    NETWORKS,
  ),
  REQUEST_TIMEOUT_MS: whole(
    '30000',
    1_000,
    600_000,
    'Timeout for receiving a request (ms). The headers must arrive within two thirds of it.',
  ),
  STREAM_PING_MS: whole(
    '20000',
    100,
    600_000,
    'Time between two pings of a WebSocket, or two comments of server-sent events (ms). A WebSocket that has not answered by the next ping is closed.',
  ),
  STREAM_STALL_MS: whole(
    '30000',
    100,
    600_000,
    'Timeout for a stream whose client reads nothing while more than 256 KiB wait for it (ms). The engine then closes the stream.',
  ),
  EVENT_STREAM_MAX_MS: whole(
    '600000',
    1_000,
    86_400_000,
    'Maximum duration of one response of server-sent events (ms). A browser reconnects and resumes where it ended.',
  ),
  QUEUE_MAX_CONCURRENCY: whole(
    '64',
    1,
    10_000,
    'Maximum number of orders that are routed and built at the same time, over all processes. Orders that wait for the chain do not count.',
  ),
  QUEUE_RATE_LIMIT_PER_MINUTE: whole(
    '0',
    0,
    10_000_000,
    'Maximum number of order starts in any 60 s, over all processes. Every further try counts as a start. Starts are not spaced out: all of them may happen at once. 0 disables the limit.',
  ),
  JUPITER_URL: inCommon(
    optional(
      "Address of Jupiter's swap API, such as https://api.jup.ag/swap/v2, or `off`. Default: the swap API of the local Solana.",
      /^(off|https?:\/\/[^\s?#@]+[^\s?#@/])$/,
    ),
  ),
  JUPITER_API_KEY: optional('API key for JUPITER_URL, sent as x-api-key.', /^[\x21-\x7e]{1,256}$/),
  STREAM_HOLD_MS: whole(
    '300000',
    1_000,
    86_400_000,
    'For clients whose orders start when their stream connects: how long such an order waits before it expires (ms).',
  ),
  QUOTE_TIMEOUT_MS: whole('1000', 10, 60_000, 'Timeout for the quotes of the venues (ms).'),
  MAX_WAIT_MS: inCommon(
    whole(
      '600000',
      1_000,
      86_400_000,
      'How long an order waits for an unavailable chain or venue before it expires (ms). An order with expiresAt waits until that time instead.',
    ),
  ),
  MAX_TRIES: inCommon(whole('3', 1, 10, 'Maximum number of tries of one order before it fails.')),
  POOLS: inCommon(
    optional(
      'Addresses of the pools to trade, separated by commas. Default: every pool of the supported programs.',
      /^[1-9A-HJ-NP-Za-km-z]{32,44}(,[1-9A-HJ-NP-Za-km-z]{32,44})*$/,
    ),
  ),
  DISCOVER_POOLS_MS: whole(
    '10000',
    0,
    3_600_000,
    'How often to look for new pools (ms). 0: only when a request names an unknown token or pair.',
  ),
  MAX_QUOTE_AGE_SLOTS: inCommon(
    whole('20', 1, 150, 'Maximum age of the pool data behind a quote, in slots. Older quotes are rejected.'),
  ),
  MAX_PRICE_IMPACT_BPS: inCommon(
    whole(
      '1000',
      1,
      10_000,
      'Maximum price impact in basis points (100 = 1 %). Routes above it are rejected. An order can set its own limit.',
    ),
  ),
  MAX_ROUTE_LEGS: whole(
    '5',
    1,
    12,
    'Maximum number of pools in one route, whether the order is split over them or passes through them. 1 disables such routes.',
  ),
  REHEARSE: oneOf(
    ['auto', 'always'],
    'auto',
    'Rehearsal of orders that choose none: `always` simulates every swap before it is signed, `auto` does not where earlier swaps like it show what a simulation would.',
  ),
  EXECUTION_GUARD: inCommon(
    oneOf(
      ['protocol', 'strict'],
      'protocol',
      'Guard of orders that choose none: `protocol`, or `strict`, with which the chain itself rejects a second swap of the order.',
    ),
  ),
  STRICT_FROM_LAMPORTS: inCommon(
    whole(
      '1000000000',
      0,
      1_000_000_000_000_000,
      'Orders worth at least this many lamports use the strict guard unless they choose one themselves. 0 disables it. Orders of unknown value use the strict guard.',
    ),
  ),
  EXECUTION_SECRET: optional(
    'Secret (32 characters or more) used to derive receipt addresses. Must be the same in all processes. Default: derived from the wallet key.',
    /^[\x21-\x7e]{32,256}$/,
  ),
  SWEEP_DUST_LAMPORTS: inCommon(
    whole(
      '1000000',
      0,
      1_000_000_000_000,
      'Routes of several legs can leave a little of an intermediate token. Leftovers worth at least this many lamports are swapped automatically. 0 disables it.',
    ),
  ),
  PRIORITY_FEE_MICRO_LAMPORTS: inCommon(
    whole('0', 0, 1_000_000_000, 'Minimum priority fee, in micro-lamports per compute unit.'),
  ),
  PRIORITY_FEE_MAX_MICRO_LAMPORTS: inCommon(
    whole(
      '1000000',
      0,
      1_000_000_000,
      'Maximum priority fee, in micro-lamports per compute unit. If it is not above PRIORITY_FEE_MICRO_LAMPORTS, the fee never rises.',
    ),
  ),
} as const satisfies Record<string, Setting<unknown>>;

/**
 * Marks a setting that decides about money: maximum losses, fees and tries, the maximum age of prices, and the allowed
 * pools. Any process may execute any order, so two values at the same time would be no limit. Settings that only affect
 * speed or thoroughness are not marked.
 */
function inCommon<T>(setting: Setting<T>): Setting<T> & { readonly inCommon: true } {
  return { ...setting, meaning: `${setting.meaning} Must be the same in all processes.`, inCommon: true };
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
      // The value may be a secret, so the message never repeats it.
      if (shape && !shape.test(value)) throw new Error(`does not have the right form. ${meaning}`);
      return value;
    },
  };
}

function whole(fallback: string, least: number, most: number, meaning: string): Setting<number> {
  return {
    fallback,
    meaning: `${meaning} From ${least} to ${most}.`,
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
