import { SETTINGS, type Setting, UNAVAILABLE_SETTINGS } from './settings.ts';

/** Every setting, read and checked; frozen. */
export type Config = {
  readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['read']>;
};

/** One or more settings are wrong; the message names each variable and says what it must be. */
export class InvalidConfig extends Error {
  override name = 'InvalidConfig';
}

/**
 * Reads the whole configuration from an environment.
 * @throws {InvalidConfig} If a value is wrong, or a variable of a mode is set that this version does not have.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    try {
      values[name] = setting.read(env[name] ?? setting.fallback);
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}`);
    }
  }
  for (const [name, reason] of Object.entries(UNAVAILABLE_SETTINGS))
    if (env[name]) problems.push(`${name} is set, but ${reason}`);

  const config = Object.freeze(values) as Config;
  if (problems.length === 0) problems.push(...conflictsOf(config));
  if (problems.length > 0) throw new InvalidConfig(problems.join('\n'));
  return config;
}

/** Settings that are right by themselves and wrong together. */
function conflictsOf(config: Config): string[] {
  const conflicts: string[] = [];
  if (!isLoopback(config.HOST) && !config.API_KEY && config.ALLOW_UNAUTHENTICATED !== 'yes')
    conflicts.push(
      `HOST ${config.HOST} can be reached from elsewhere: set API_KEY (32 characters or more) or ALLOW_UNAUTHENTICATED=yes`,
    );
  if (config.REDIS_URL !== null && config.DATABASE_URL === null)
    conflicts.push('REDIS_URL is set, but Redis keeps no orders: set DATABASE_URL too, or unset it');
  if (config.JUPITER_API_KEY !== null && !isConfidential(config.JUPITER_URL))
    conflicts.push('JUPITER_API_KEY needs a JUPITER_URL with https, or on this machine');
  return conflicts;
}

/** @throws {InvalidConfig} If a setting is not there that `command` cannot do without. */
export function requireSettings(config: Config, command: string, names: readonly (keyof Config)[]): void {
  const missing = names.filter((name) => config[name] === null);
  if (missing.length > 0) throw new InvalidConfig(`${command} needs ${missing.join(', ')}`);
}

/** The settings that every process that is alive must have in common, as text. */
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
