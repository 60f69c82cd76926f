import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exists, read, repositoryFiles } from './support/repository-files.ts';

const documents = repositoryFiles.filter((file) => file.endsWith('.md') && !file.includes('/fixtures/'));
const sources = repositoryFiles.filter((file) => /\.(ts|mjs|cjs|c|h|sql)$/.test(file));
const scripts = Object.keys(JSON.parse(read('package.json')).scripts);

const FOLDERS = ['.ci', 'bench', 'deploy', 'docs', 'examples', 'packages', 'scripts', 'test'];

describe('documents', () => {
  test('are found at all', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/execution.md']));
  });

  test('name only paths that exist', () => {
    const lost = documents.flatMap((file) =>
      codeOf(read(file))
        .flatMap((code) => code.split(/[\s,;()]+/))
        .filter(isPath)
        .filter((path) => !isFound(path))
        .map((path) => `${file}: ${path}`),
    );
    expect(lost).toEqual([]);
  });

  test('link only to files and headings that exist', () => {
    const lost = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
        .map(([, target]) => target as string)
        .filter((target) => !isLinkSound(file, target))
        .map((target) => `${file}: ${target}`),
    );
    expect(lost).toEqual([]);
  });

  test('show only npm scripts that exist', () => {
    const lost = [...documents, '.ci/run', ...sources].flatMap((file) =>
      [...read(file).matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g)]
        .map(([, script]) => script as string)
        .filter((script) => !scripts.includes(script))
        .map((script) => `${file}: npm run ${script}`),
    );
    expect(lost).toEqual([]);
  });

  test('that a source or a document refers to exist, with the heading it names', () => {
    const lost = [...sources, ...documents].flatMap((file) =>
      [...read(file).matchAll(/\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g)]
        .map(([target]) => target)
        .filter((target) => !isLinkSound('README.md', target))
        .map((target) => `${file}: ${target}`),
    );
    expect(lost).toEqual([]);
  });
});

describe('decisions', () => {
  const decisions = documents.filter((file) => /^docs\/decisions\/(?!README)/.test(file));

  test('carry their number in the name and in the title, each number once', () => {
    const numbers = decisions.map((file) => {
      const number = /\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1];
      expect(read(file).split('\n')[0], file).toMatch(new RegExp(`^# ${number}: \\S`));
      return number;
    });
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('fit one page', () => {
    const long = decisions.filter((file) => read(file).split('\n').length > 60);
    expect(long).toEqual([]);
  });
});

/** The text of inline code and of fenced blocks. */
function codeOf(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/^```.*\n([\s\S]*?)^```/gm)].map(([, code]) => code as string);
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...fenced, ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string)];
}

/** A path into a folder of the repository, or the name of a source or document. What a build makes is no such path. */
function isPath(word: string): boolean {
  if (/[<>{}$…:=[\]|]|\.\.\.|^\.\.?\/|^\/|^@|\/dist\//.test(word)) return false;
  const [first, ...rest] = word.split('/');
  if (rest.length > 0 && FOLDERS.includes(first as string)) return true;
  return /^[\w./*-]*\w\.(ts|mjs|cjs|c|h|sql|md)$/.test(word);
}

function isFound(path: string): boolean {
  if (path.includes('*')) {
    const escaped = path
      .replace(/[.+?^()]/g, '\\$&')
      .replaceAll('**', '\0')
      .replaceAll('*', '[^/]*');
    const pattern = new RegExp(`(^|/)${escaped.replaceAll('\0', '.*')}`);
    return repositoryFiles.some((file) => pattern.test(file));
  }
  return exists(path) || repositoryFiles.some((file) => file.endsWith(`/${path}`));
}

function isLinkSound(file: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const document = path === '' ? file : posix.join(posix.dirname(file), path);
  if (!exists(document)) return false;
  return heading === undefined || headingsOf(read(document)).includes(heading);
}

/** The anchors that GitHub gives to a document's headings. */
function headingsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
