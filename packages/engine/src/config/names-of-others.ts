/** An environment in this engine's own names, and what of the others' names could not be taken over. */
export interface OwnNames {
  readonly env: NodeJS.ProcessEnv;
  /** One line each: the name, and what to write instead. No values, which may be secrets. */
  readonly problems: readonly string[];
}

/** Names of other engines and of the later live mode that mean nothing here: refused, since ignored they would mislead. */
const REFUSED: Readonly<Record<string, string>> = {
  WS_WORKER_CONCURRENCY:
    'no worker serves sockets here, and nothing limits how many are served: remove the line',
  WS_WORKER_RATE_LIMIT:
    'no worker serves sockets here, and their events are not limited: remove the line; QUEUE_RATE_LIMIT_PER_MINUTE limits orders',
  SOLANA_PRIVATE_KEY:
    'a key is read from a file alone: put it there as a JSON array of 64 numbers with mode 0600, write WALLET_FILE=./wallet.json, and remove the line',
  SOLANA_RPC_URLS: 'trading on mainnet is not available in this version: remove the line',
};

const LOCAL_SOLANA = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?\/?$/i;
const RUST_LOG_LEVELS: Readonly<Record<string, string>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  off: 'silent',
};

/**
 * Takes over the settings that other engines have under other names, where their meaning is clear: parts of an address become
 * the address. What is set in both ways, or has no meaning here, is a problem; an empty value is none.
 */
export function readNamesOfOthers(given: NodeJS.ProcessEnv): OwnNames {
  const env = { ...given };
  const problems: string[] = [];
  const has = (name: string): boolean => (given[name] ?? '') !== '';
  const take = (name: string, value: string, from: string): void => {
    if (has(name) && given[name] !== value)
      problems.push(`${from} is set beside ${name}, and they differ: keep ${name} and remove ${from}`);
    else env[name] = value;
  };

  for (const [name, reason] of Object.entries(REFUSED))
    if (has(name)) problems.push(`${name} is set, but ${reason}`);
  if (has('SERVER_PORT')) take('PORT', given.SERVER_PORT!, 'SERVER_PORT');
  if (has('RUST_LOG')) {
    const level = RUST_LOG_LEVELS[given.RUST_LOG!.toLowerCase()];
    if (level === undefined)
      problems.push('RUST_LOG is set, but only a level alone is understood: write LOG_LEVEL=info instead');
    else if (!has('LOG_LEVEL')) env.LOG_LEVEL = level;
  }
  if (has('SOLANA_RPC_URL')) {
    const url = given.SOLANA_RPC_URL!;
    if (LOCAL_SOLANA.test(url)) take('DEVNET_URL', url, 'SOLANA_RPC_URL');
    else
      problems.push(
        'SOLANA_RPC_URL is set, but this version trades on a local Solana of its own: remove the line, or write DEVNET_URL=http://127.0.0.1:8899 for one that runs by itself (npm run devnet)',
      );
  }
  for (const { names, own, compose } of [REDIS, DATABASE]) {
    const set = names.filter(has);
    if (set.length === 0) continue;
    const composed = compose(given);
    if ('problem' in composed) problems.push(composed.problem);
    else if (has(own) && !isSame(given[own]!, composed.url))
      problems.push(
        `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set beside ${own}, and they differ: keep ${own}, user and password in it, and remove the rest`,
      );
    else if (!has(own)) env[own] = composed.url;
  }
  return { env, problems };
}

interface AddressParts {
  readonly own: 'REDIS_URL' | 'DATABASE_URL';
  readonly names: readonly string[];
  readonly compose: (env: NodeJS.ProcessEnv) => { readonly url: string } | { readonly problem: string };
}

const REDIS: AddressParts = {
  own: 'REDIS_URL',
  names: ['REDIS_HOST', 'REDIS_PORT', 'REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_DB'],
  compose: ({ REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_DB }) => {
    const host = hostOf(REDIS_HOST || '127.0.0.1', REDIS_PORT || '6379');
    if (host === null || !/^\d{0,2}$/.test(REDIS_DB ?? ''))
      return {
        problem:
          'REDIS_HOST, REDIS_PORT or REDIS_DB is no host, port or number: write REDIS_URL=redis://:password@host:6379 instead',
      };
    const user =
      REDIS_USERNAME || REDIS_PASSWORD ? `${encode(REDIS_USERNAME)}:${encode(REDIS_PASSWORD)}@` : '';
    return { url: `redis://${user}${host}${REDIS_DB ? `/${REDIS_DB}` : ''}` };
  },
};

/** An example of the setting. */
export const DATABASE_LINE = 'DATABASE_URL=postgres://user:password@host:5432/database';
const SSL_MODES: Readonly<Record<string, string>> = {
  '': '',
  false: '',
  disable: '?sslmode=disable',
  true: '?sslmode=require',
  require: '?sslmode=require',
};

const DATABASE: AddressParts = {
  own: 'DATABASE_URL',
  names: ['DB_HOST', 'DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_SSL'],
  compose: ({ DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, DB_SSL }) => {
    if (!DB_HOST || !DB_NAME || !DB_USER)
      return {
        problem: `DB_HOST, DB_NAME and DB_USER belong together, and one is missing: write all three, or ${DATABASE_LINE} instead`,
      };
    const host = hostOf(DB_HOST, DB_PORT || '5432');
    if (host === null)
      return { problem: `DB_HOST or DB_PORT is no host or port: write ${DATABASE_LINE} instead` };
    const ssl = SSL_MODES[(DB_SSL ?? '').toLowerCase()];
    if (ssl === undefined)
      return {
        problem: `DB_SSL is neither require nor disable: write ${DATABASE_LINE}?sslmode=… instead, with the mode`,
      };
    const user = DB_PASSWORD ? `${encode(DB_USER)}:${encode(DB_PASSWORD)}` : encode(DB_USER);
    return { url: `postgres://${user}@${host}/${encode(DB_NAME)}${ssl}` };
  },
};

/** Every name that is taken over or refused. */
export const NAMES_OF_OTHERS: readonly string[] = [
  ...Object.keys(REFUSED),
  ...REDIS.names,
  ...DATABASE.names,
  'SERVER_PORT',
  'SOLANA_RPC_URL',
  'RUST_LOG',
];

const encode = (text = ''): string => encodeURIComponent(text);

/** `host:port`, IPv6 in brackets; null where it could not be read as that. */
function hostOf(host: string, port: string): string | null {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return null;
  if (/^[0-9a-f:]+$/i.test(host) && host.includes(':')) return `[${host}]:${port}`;
  return /^[\w.-]+$/.test(host) ? `${host}:${port}` : null;
}

/** Whether two addresses name the same, however they spell it. */
function isSame(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const key = (text: string): string => {
    const { protocol, username, password, hostname, port, pathname } = new URL(text);
    const defaultPort = protocol.startsWith('redis') ? '6379' : '5432';
    const path = pathname === '/' ? '' : pathname;
    const scheme = protocol === 'postgresql:' ? 'postgres:' : protocol;
    return JSON.stringify([scheme, username, password, hostname, port || defaultPort, path]);
  };
  return key(one) === key(other);
}
