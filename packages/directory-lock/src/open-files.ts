/**
 * Files that a process has open beside the connections that it serves: some 200 for its program, the database, the chain and
 * Redis, more as an embedded database grows, and up to 64 connections that are being refused.
 */
export const OWN_FILES = 320;
const LEAST_CONNECTIONS = 64;

/** How many files this process may have open; infinite where the system sets no limit. */
export function openFileLimit(): number {
  Object.assign(process.report, { excludeNetwork: true }); // Otherwise it asks for the names of addresses.
  const { userLimits } = process.report.getReport() as unknown as {
    userLimits: { open_files: { soft: number | string } };
  };
  const { soft } = userLimits.open_files;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/**
 * Ends a process that may open too few files, with one line on standard error. A program asks this before it loads what it
 * consists of: that alone opens hundreds of files at once, and Node tells of those that it cannot open as of missing packages.
 */
export function requireOpenFiles(): void {
  const limit = openFileLimit();
  if (limit >= OWN_FILES + LEAST_CONNECTIONS) return;
  console.error(
    `Cannot start: this process may have ${limit} files open, and needs ${OWN_FILES + LEAST_CONNECTIONS}: raise the limit (ulimit -n)`,
  );
  process.exit(1);
}
