import { readFileSync } from 'node:fs';

/** Beside `src` and `dist` alike. */
const MANIFEST = new URL('../../package.json', import.meta.url);

/** The engine's version, as its manifest says. */
export const engineVersion = (): string =>
  (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }).version;
