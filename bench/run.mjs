// npm run bench -- <name> [options]: one benchmark of this folder; prints JSON.
import { readdirSync } from 'node:fs';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));
const [name, ...options] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`Name one benchmark: ${names.join(', ')}`);
  process.exit(1);
}
process.argv = [process.argv[0], name, ...options];
await import(new URL(`${name}.mjs`, import.meta.url));
