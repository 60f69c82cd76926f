import { basename, dirname } from 'node:path';

/**
 * A file of the ledger differs from what the devnet wrote. The error changes no file: the part behind the damage may be
 * intact, and only the operator can decide to discard it.
 */
export class LedgerDamaged extends Error {
  override readonly name = 'LedgerDamaged';
  readonly path: string;
  /** Where the damaged part begins in the file, bytes. */
  readonly offset: number;

  constructor(path: string, offset: number, what: string) {
    super(
      `The ledger's file ${path} is damaged at byte ${offset}: ${what}. Nothing was changed. Put back a copy of the whole ` +
        `directory, or cut off what is damaged with: npm run devnet -- --ledger ${dirname(path)} --repair`,
    );
    this.path = path;
    this.offset = offset;
  }

  /** One line of a report. */
  get summary(): string {
    return `${basename(this.path)}, byte ${this.offset}`;
  }
}
