import { InvalidConfig } from '../config/config.ts';

/** What the database, the chain, Redis and the program itself have open beside the connections of clients. */
const OWN_FILES = 256;
const LEAST_CONNECTIONS = 64;

/**
 * How many connections of clients there may be: as configured, or fewer where the process may not open as many files.
 * Beyond that limit not the client suffers, but whoever opens the next file: the database.
 *
 * @throws {InvalidConfig} If hardly any would be left.
 */
export function boundByOpenFiles(wanted: number, openFiles: number = openFileLimit()): number {
  const possible = openFiles - OWN_FILES;
  if (possible < LEAST_CONNECTIONS)
    throw new InvalidConfig(
      `this process may have ${openFiles} files open, and needs ${OWN_FILES + LEAST_CONNECTIONS}: raise the limit (ulimit -n)`,
    );
  return Math.min(wanted, possible);
}

/** Infinite where the system sets no limit. */
function openFileLimit(): number {
  Object.assign(process.report, { excludeNetwork: true }); // Otherwise it asks for the names of addresses.
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string } };
  };
  const { soft } = userLimits.open_files;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
