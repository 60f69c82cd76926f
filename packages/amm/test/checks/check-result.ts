/** One checked case; `problem` is null where everything was equal. */
export interface CheckResult {
  readonly id: string;
  readonly problem: string | null;
}

/** Runs a check that returns a list of differences; what it cannot read is a difference too. */
export function problemOf(check: () => string[]): string | null {
  try {
    const differences = check();
    return differences.length === 0 ? null : differences.join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
