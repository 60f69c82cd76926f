// Builds stale sources, then becomes the named program of the engine: `node scripts/start.mjs serve`. npm runs it as
// its only child process, so that a signal to npm reaches the program, and no shell between them ends without it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  serve: '../packages/engine/dist/main/serve.js',
  api: '../packages/engine/dist/main/serve-api.js',
  worker: '../packages/engine/dist/main/work.js',
  devnet: '../packages/devnet/dist/main.js',
};

const program = new URL(PROGRAMS[process.argv[2]], import.meta.url);
const build = fileURLToPath(new URL('build.mjs', import.meta.url));
// In a separate process, since this one would keep the compiler's memory.
const { status, error } = spawnSync(process.execPath, [build], { stdio: 'inherit' });
if (error)
  console.error(
    `Cannot start: the build cannot be run (${error.message}; ulimit -n is the limit of open files)`,
  );
if (status !== 0) process.exit(status ?? 1);
process.argv.splice(1, 2, fileURLToPath(program));
await import(program);
