// Makes the data directory from which new PGlite databases start. Run it after a change of PGlite's version.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const assets = fileURLToPath(new URL('../packages/engine/assets', import.meta.url));
// The engine's dependency, not the repository's.
const require = createRequire(new URL('../packages/engine/package.json', import.meta.url));
const { PGlite } = require('@electric-sql/pglite');
const { version } = require(join(dirname(require.resolve('@electric-sql/pglite')), '../package.json'));

const db = await PGlite.create({ startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'] });
await db.exec('CHECKPOINT');
const dump = await db.dumpDataDir('gzip');
await db.close();

for (const name of readdirSync(assets)) if (name.startsWith('pglite-template-')) rmSync(join(assets, name));
const file = join(assets, `pglite-template-${version}.tar.gz`);
writeFileSync(file, new Uint8Array(await dump.arrayBuffer()));
console.log(`${file}: ${(dump.size / 1e6).toFixed(1)} MB`);
