import { SETTINGS } from './settings.ts';

const TABLE_HEAD = '| name | default | meaning |\n|---|---|---|\n';

/**
 * The documents that are made from the settings, by path: the whole of `.env.example`, and docs/configuration.md with a new table.
 *
 * @param configuration The text of docs/configuration.md as it is now.
 * @throws {Error} The text has no table of settings.
 */
export function settingsDocuments(configuration: string): Readonly<Record<string, string>> {
  const [before, after] = configuration.split(TABLE_HEAD);
  if (before === undefined || after === undefined)
    throw new Error('docs/configuration.md has no table with name, default and meaning');
  const settings = Object.entries(SETTINGS);
  const rows = settings.map(
    ([name, { fallback, meaning }]) => `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${meaning} |\n`,
  );
  const examples = settings.map(([name, { fallback, meaning }]) => `# ${meaning}\n# ${name}=${fallback}\n`);
  return {
    'docs/configuration.md': before + TABLE_HEAD + rows.join('') + after.replace(/^(\|.*\n)*/, ''),
    '.env.example': examples.join('\n'),
  };
}
