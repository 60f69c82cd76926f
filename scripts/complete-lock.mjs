// Adds to package-lock.json the platform packages that the registry did not offer. npm omits an optional dependency
// from the lock when it cannot fetch it. Then `npm ci` refuses the lock, and users of that platform would lack the
// package. An entry needs only its version and its platform, and both follow from the parent's list and from the name.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/**
 * The optional dependencies of locked packages for which the lock has no entry.
 *
 * @param packages The lock's `packages`.
 * @returns `{ parent, name, version, path }` each; `path` is where the entry belongs.
 */
export function missingPlatformEntries(packages) {
  const missing = new Map();
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const nested = `${parent}/node_modules/${name}`;
      const hoisted = `node_modules/${name}`;
      if (packages[nested] || covers(packages[hoisted], version)) continue;
      const isHoistFree = !packages[hoisted] && (missing.get(hoisted)?.version ?? version) === version;
      const path = isHoistFree ? hoisted : nested;
      missing.set(path, { parent, name, version, path });
    }
  }
  return [...missing.values()];
}

/** Whether an entry serves a wanted version; a range counts as served, since npm resolved it. */
function covers(entry, version) {
  return entry !== undefined && (!EXACT_VERSION.test(version) || entry.version === version);
}

/**
 * The platform a binary package is for, read from its name: `{ os, cpu, libc? }`.
 *
 * @param name     For example `litesvm-linux-arm64-musl`.
 * @param siblings Names of the same list. A Linux name without a C library means glibc where a sibling says musl.
 * @throws {Error} When the name follows no known convention: write the entry by hand then.
 */
export function platformOf(name, siblings = []) {
  const match = /[/-](aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(.+)$/.exec(
    name,
  );
  const [, os, rest = ''] = match ?? [];
  const cpu = /^(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(-|$)/.exec(rest)?.[1];
  if (!os || !cpu) throw new Error(`${name}: no platform can be read from this name`);
  const libc = os === 'linux' ? libcOf(name, siblings) : undefined;
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}

function libcOf(name, siblings) {
  if (name.endsWith('-gnu')) return 'glibc';
  if (name.endsWith('-musl')) return 'musl';
  return siblings.includes(`${name}-musl`) ? 'glibc' : undefined;
}

/** Returns the lock with every missing platform entry added, in npm's order, and how many were added. */
export function completeLock(lock) {
  const packages = { ...lock.packages };
  const missing = missingPlatformEntries(packages);
  for (const { parent, name, version, path } of missing) {
    if (!EXACT_VERSION.test(version))
      throw new Error(`${parent} wants ${name} ${version}: not an exact version`);
    const { optionalDependencies, dev } = packages[parent];
    const { os, cpu, libc } = platformOf(name, Object.keys(optionalDependencies));
    packages[path] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
  }
  const inOrder = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(inOrder) }, addedCount: missing.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const { lock, addedCount } = completeLock(JSON.parse(readFileSync(path, 'utf8')));
  if (addedCount > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${addedCount} platform entries added to package-lock.json`);
}
