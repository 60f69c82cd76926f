import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HELP } from '../src/command-line.ts';
import { SCENARIO_NAMES } from '../src/faults/scenarios.ts';

const text = readFileSync(fileURLToPath(new URL('../../../docs/devnet.md', import.meta.url)), 'utf8');
const page = text.replaceAll(/ +\|/g, ' |'); // Tables may be padded.
const source = fileURLToPath(new URL('../src/', import.meta.url));

/** What a pattern's group finds in all sources of a folder. */
function named(folder: string, pattern: RegExp): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(source + folder)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const match of readFileSync(`${source}${folder}/${file}`, 'utf8').matchAll(pattern))
      found.add(match[1]!);
  }
  return [...found].sort();
}

test('the page names every RPC method and subscription, and no other', () => {
  const methods = [
    ...named('rpc/methods', /^ {2}(get\w+|is\w+|simulate\w+|send\w+|request\w+)(?:\(|:)/gm),
    ...named('pubsub', /^ {2}(\w+Subscribe)(?:\(|:)/gm),
  ].sort();
  const section = page.slice(page.indexOf('## JSON-RPC methods'), page.indexOf('The default commitment'));
  const documented = [...section.matchAll(/`([a-z]\w+)`/g)].map((match) => match[1]!).sort();
  expect(methods.length).toBeGreaterThan(25);
  expect(documented).toEqual(methods);
});

test('the page names every flag, with the default that --help shows', () => {
  const flags = [...HELP.matchAll(/^ {2}(--[a-z-]+)(.*)$/gm)];
  expect(flags.length).toBeGreaterThan(6);
  for (const [, flag, rest] of flags) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${flag}`));
    expect(row, flag).toBeDefined();
    const fallback = /\(([^()]+)\)$/.exec(rest!)?.[1];
    if (fallback !== undefined) expect(row).toContain(`| ${fallback} |`);
  }
});

test('the page names every request of the admin API', () => {
  const requests = named('admin', /\['((?:GET|POST|DELETE) \/admin\/\w+)'/g);
  expect(requests.length).toBeGreaterThan(6);
  for (const request of requests) expect(page).toContain(`| \`${request}\` |`);
});

test('the page names every fault and every scenario', () => {
  const faults = named('admin', /^ {2}(\w+): \(value: unknown/gm);
  expect(faults.length).toBeGreaterThan(10);
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const documented = new Set(
    rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!)),
  );
  expect([...faults, ...SCENARIO_NAMES].filter((name) => !documented.has(name))).toEqual([]);
});
