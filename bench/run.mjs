// npm run bench -- <name> [options]: one benchmark of this folder; prints JSON. With --help, what it measures and its options.
import { readdirSync, readFileSync } from 'node:fs';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));
const [name, ...options] = process.argv.slice(2);
if (!names.includes(name)) {
  const asksForHelp = name === '--help';
  console[asksForHelp ? 'log' : 'error'](`Usage: npm run bench -- ${names.join('|')} [options]`);
  process.exit(asksForHelp ? 0 : 2);
}
const benchmark = new URL(`${name}.mjs`, import.meta.url);
if (options.includes('--help')) {
  console.log(headComment(readFileSync(benchmark, 'utf8')));
  process.exit(0);
}
process.argv = [process.argv[0], name, ...options];
try {
  await import(benchmark);
} catch (error) {
  if (!error.code?.startsWith('ERR_PARSE_ARGS_')) throw error;
  console.error(`${error.message} (npm run bench -- ${name} --help)`);
  process.exitCode = 2;
}

/** The comment that a benchmark begins with: what it measures and its options. */
function headComment(source) {
  return source
    .slice(0, source.search(/^(?!\/\/)/m))
    .replace(/^\/\/ ?/gm, '')
    .trimEnd();
}
