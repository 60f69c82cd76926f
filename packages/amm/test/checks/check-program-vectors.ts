import { checkCpmmVector } from './check-cpmm-vector.ts';
import { checkDammV2Vector } from './check-damm-v2-vector.ts';
import { checkDlmmArraysVector } from './check-dlmm-arrays-vector.ts';
import { type CheckResult, problemOf } from './check-result.ts';
import { type Json, listOf, recordOf } from './vector-fields.ts';

/** Vectors recorded from the mainnet programs: state before, arguments, outcome, state after. */
export function checkProgramVectors(file: Json): CheckResult[] {
  const check = checkerOf(file);
  return listOf(file.vectors, 'vectors').map((entry, index) => ({
    id: `vector ${index}`,
    problem: problemOf(() => check(recordOf(entry, `vector ${index}`))),
  }));
}

function checkerOf(file: Json): (vector: Json) => string[] {
  const program = String(file.program);
  if (/cpmm/i.test(program)) {
    const config = recordOf(file.config, 'config');
    return (vector) => checkCpmmVector(vector, config);
  }
  if (/damm v2/i.test(program)) return checkDammV2Vector;
  if (/dlmm/i.test(program)) {
    const pool = recordOf(file.pool, 'pool');
    return (vector) => checkDlmmArraysVector(vector, pool);
  }
  throw new Error(`vectors of an unknown program: ${program}`);
}
