import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { completeLock, missingPlatformEntries, platformOf } from '../scripts/complete-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(`${root}${path}`, 'utf8'));

interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  inBundle?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

const lock: { lockfileVersion: number; packages: Record<string, LockEntry> } = readJson('package-lock.json');
const rootManifest = readJson('package.json');
/** Their .npmrc keeps scripts of the packages apart from running, and these work without theirs. */
const UNSCRIPTED = ['node_modules/bigint-buffer'];
/** Packages apart from the workspaces, which only some suites need. */
const APART = ['test/postman', 'test/sdks'].map((path) => ({
  path,
  manifest: readJson(`${path}/package.json`),
  apart: readJson(`${path}/package-lock.json`) as typeof lock,
}));
const manifests = [
  rootManifest,
  ...APART.map(({ manifest }) => manifest),
  ...rootManifest.workspaces.map((path: string) => readJson(`${path}/package.json`)),
];
const fetched = Object.entries(lock.packages).filter(
  ([path, entry]) => path.includes('node_modules/') && !entry.link,
);

describe('the lock', () => {
  test('has an entry for every platform that a locked package offers', () => {
    expect(missingPlatformEntries(lock.packages)).toEqual([]);
  });

  test.each([
    '@biomejs/cli-darwin-arm64',
    '@biomejs/cli-win32-x64',
    'litesvm-darwin-arm64',
    'litesvm-darwin-x64',
    'litesvm-linux-arm64-gnu',
    'litesvm-linux-x64-musl',
  ])('serves %s', (name) => {
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({
      optional: true,
      version: expect.any(String),
    });
  });

  test('gives each binary package the platform that its name states', () => {
    const offers = Object.values(lock.packages).flatMap((entry) => {
      const names = Object.keys(entry.optionalDependencies ?? {});
      return names.map((name) => ({ name, siblings: names, entry: lock.packages[`node_modules/${name}`] }));
    });
    const binaries = offers.filter(({ entry }) => entry?.os && entry.cpu);
    expect(binaries.length).toBeGreaterThan(50);
    for (const { name, siblings, entry } of binaries) {
      const { os, cpu, libc } = entry as LockEntry;
      expect({ name, os, cpu, ...(libc && { libc }) }).toEqual({ name, ...platformOf(name, siblings) });
    }
  });

  test('names no registry: it leaves out addresses, except links', () => {
    const addressed = Object.entries(lock.packages).filter(([, entry]) => entry.resolved && !entry.link);
    expect(addressed).toEqual([]);
    expect(JSON.stringify(lock)).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  test('has a checksum of every fetched package, except platform packages that it knows by name only', () => {
    const unchecked = fetched.filter(
      ([, entry]) => !entry.integrity && !(entry.optional && entry.os && entry.cpu),
    );
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });

  test('runs install scripts of no package', () => {
    const scripted = fetched
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1));
    for (const name of scripted) expect(rootManifest.allowScripts).toHaveProperty([name as string], false);
  });
});

describe.each(APART)('the lock of $path', ({ manifest, apart }) => {
  const entries = Object.entries(apart.packages).filter(([path]) => path !== '');

  test('was made from its manifest', () => {
    expect(apart.packages['']).toMatchObject({ devDependencies: manifest.devDependencies });
  });

  test('has a checksum of every fetched package, names no registry, and fetches no package of a single platform', () => {
    expect(entries.length).toBeGreaterThan(40);
    const odd = entries.filter(([, entry]) => !entry.integrity || entry.resolved || entry.os || entry.cpu);
    expect(odd).toEqual([]);
  });

  test('has no package with an install script, except optional ones, which are not installed', () => {
    const scripted = entries.filter(([, entry]) => entry.hasInstallScript && !entry.optional);
    expect(scripted.map(([path]) => path).filter((path) => !UNSCRIPTED.includes(path))).toEqual([]);
  });
});

describe('the manifests', () => {
  test('pin every dependency to one version', () => {
    for (const manifest of manifests) {
      for (const group of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
        for (const [name, version] of Object.entries(manifest[group] ?? {})) {
          expect(version, `${manifest.name}: ${name}`).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
        }
      }
    }
  });

  test('give one version to a package that several of them use', () => {
    const versions = new Map<string, string>();
    for (const manifest of manifests) {
      for (const [name, version] of Object.entries({
        ...manifest.dependencies,
        ...manifest.devDependencies,
      })) {
        expect(versions.get(name) ?? version, name).toBe(version);
        versions.set(name, version as string);
      }
    }
  });

  test('equal the manifests in the lock', () => {
    for (const path of ['', ...rootManifest.workspaces]) {
      const manifest = path === '' ? rootManifest : readJson(`${path}/package.json`);
      const { dependencies, devDependencies } = lock.packages[path] as typeof rootManifest;
      expect({ dependencies, devDependencies }, path).toEqual({
        dependencies: manifest.dependencies,
        devDependencies: manifest.devDependencies,
      });
    }
  });

  test('keep vitest and its coverage both at 4.1.11, since different versions break', () => {
    for (const name of ['vitest', '@vitest/coverage-v8']) {
      expect(rootManifest.devDependencies[name]).toBe('4.1.11');
      expect(lock.packages[`node_modules/${name}`]?.version).toBe('4.1.11');
    }
  });
});

describe('completing a lock', () => {
  const parent = {
    version: '1.0.0',
    dev: true,
    optionalDependencies: { 'x-darwin-arm64': '1.0.0', 'x-linux-x64': '1.0.0' },
  };
  const present = { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] };

  test('adds the absent platform and keeps the rest', () => {
    const before = { packages: { 'node_modules/x': parent, 'node_modules/x-linux-x64': present } };
    const { lock: after, addedCount } = completeLock(before);
    expect(addedCount).toBe(1);
    expect(Object.keys(after.packages)).toEqual([
      'node_modules/x',
      'node_modules/x-darwin-arm64',
      'node_modules/x-linux-x64',
    ]);
    expect(after.packages['node_modules/x-darwin-arm64']).toEqual({
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    });
    expect(completeLock(after).addedCount).toBe(0);
  });

  test('nests an entry whose place at the top is taken by another version', () => {
    const taken = { ...present, version: '2.0.0' };
    const { lock: after } = completeLock({
      packages: { 'node_modules/x': parent, 'node_modules/x-linux-x64': taken },
    });
    expect(after.packages['node_modules/x-linux-x64']).toEqual(taken);
    expect(after.packages['node_modules/x/node_modules/x-linux-x64']).toMatchObject({
      version: '1.0.0',
      os: ['linux'],
    });
  });

  test('refuses a name that tells no platform', () => {
    expect(() => platformOf('fast-thing')).toThrow('no platform can be read');
  });
});
