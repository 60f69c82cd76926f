import { checkPriceCase } from './check-price-case.ts';
import { checkProgramVectors } from './check-program-vectors.ts';
import { checkRecordedCases } from './check-recorded-cases.ts';
import { type CheckResult, problemOf } from './check-result.ts';
import { checkSwapCase } from './check-swap-case.ts';
import { listOf, recordOf } from './vector-fields.ts';

/**
 * Checks every case of a parsed vector file of any of the four formats: swap cases, price tables, program vectors
 * (recorded from the mainnet programs), and what `npm run differential -- --record DIR` writes.
 *
 * @throws {Error} The file is of no known format.
 */
export function checkVectorFile(content: unknown): CheckResult[] {
  if (Array.isArray(content)) return checkRecordedCases(content);
  const file = recordOf(content, 'the file');
  if ('vectors' in file) return checkProgramVectors(file);
  const cases = listOf(file.cases, 'cases').map((entry, index) => recordOf(entry, `case ${index}`));
  const isPriceTable = !('kind' in file) && cases.every((entry) => !('kind' in entry));
  return cases.map((entry, index) => {
    const id = typeof entry.id === 'string' ? entry.id : `case ${index}`;
    return {
      id,
      problem: problemOf(() => (isPriceTable ? checkPriceCase(entry) : checkSwapCase(entry, file.kind))),
    };
  });
}
