import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Adds to the environment what a `.env` file sets, if there is one; what is set already stays. A byte order mark before its first
 * line, which Windows editors write and which would become part of the first name, is left out.
 */
export function loadEnvFile(path: string, env: NodeJS.ProcessEnv = process.env): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
}
