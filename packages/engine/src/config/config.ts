import { DATABASE_LINE, readNamesOfOthers } from './names-of-others.ts';
import { SETTINGS, type Setting } from './settings.ts';

/** Every setting, read and checked; frozen. */
export type Config = {
  readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['read']>;
};

/** One or more settings are wrong; the message names each variable and says what it must be. */
export class InvalidConfig extends Error {
  override name = 'InvalidConfig';
}

/** The settings that a command requires. */
export interface Needs {
  /** Its name for `npm run`. */
  readonly command: string;
  readonly names: readonly (keyof typeof LINES)[];
}

/** Example lines for required settings. */
const LINES = {
  DATABASE_URL: DATABASE_LINE,
  REDIS_URL: 'REDIS_URL=redis://127.0.0.1:6379',
  DEVNET_URL: 'DEVNET_URL=http://127.0.0.1:8899 (npm run devnet starts it)',
  WALLET_FILE: 'WALLET_FILE=./data/wallet.json',
} as const;

/**
 * Reads the whole configuration from an environment, in this engine's names or in those of others.
 * @throws {InvalidConfig} With everything that is wrong: values, names that mean nothing here, and what `needs` misses.
 */
export function readConfig(given: NodeJS.ProcessEnv = process.env, needs?: Needs): Config {
  const { env, problems: foreign } = readNamesOfOthers(given);
  const problems = [...foreign];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    try {
      values[name] = setting.read(env[name] ?? setting.fallback);
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}`);
    }
  }
  const config = Object.freeze(values) as Config;
  problems.push(...conflictsOf(config));
  const missing = needs?.names.filter((name) => config[name] === null) ?? [];
  if (missing.length > 0) {
    const lines = missing.map((name) => LINES[name]).join(', ');
    problems.push(`${needs!.command} needs ${missing.join(', ')}: write ${lines}`);
  }
  if (problems.length > 0) throw new InvalidConfig(problems.join('\n'));
  return config;
}

/** Conflicts between settings that are valid individually. Invalid settings are absent. */
function conflictsOf({
  HOST,
  API_KEY,
  ALLOW_UNAUTHENTICATED,
  JUPITER_API_KEY,
  JUPITER_URL,
}: Partial<Config>): string[] {
  const conflicts: string[] = [];
  if (HOST !== undefined && !isLoopback(HOST) && API_KEY === null && ALLOW_UNAUTHENTICATED === 'no')
    conflicts.push(
      `HOST ${HOST} can be reached from elsewhere: write API_KEY=… too (32 characters or more), or ALLOW_UNAUTHENTICATED=yes if every client that can reach it may trade, or HOST=127.0.0.1`,
    );
  if (JUPITER_API_KEY && JUPITER_URL !== undefined && !isConfidential(JUPITER_URL))
    conflicts.push('JUPITER_API_KEY needs a JUPITER_URL with https, or on this machine');
  return conflicts;
}

/** The settings that all running processes must have in common, as text. */
export const settingsInCommon = (config: Config): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(SETTINGS as Record<string, Setting<unknown>>)
      .filter(([, { inCommon }]) => inCommon)
      .map(([name]) => [name, String(config[name as keyof Config] ?? '')]),
  );

/** Whether an address can be reached from this machine only. */
export const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|localhost|::1)$/i.test(host);

/** A key is sent encrypted, or does not leave the machine. */
function isConfidential(url: string | null): boolean {
  if (url === null || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}
