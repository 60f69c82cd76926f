import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkVectorFile } from './checks/check-vector-file.ts';

const directory = new URL('./vectors/', import.meta.url);
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
);

describe('quotes equal the recorded vectors to the unit, refusals included', () => {
  test.each(files)('%s', (name) => {
    const results = checkVectorFile(JSON.parse(readFileSync(new URL(name, directory), 'utf8')));
    expect(results.length).toBeGreaterThan(100);
    expect(results.filter(({ problem }) => problem !== null)).toEqual([]);
  });
});

test('a wrong number in a vector is reported', () => {
  const file = JSON.parse(readFileSync(new URL('raydium_cpmm.json', directory), 'utf8'));
  const good = file.cases.find((entry: { expected: object }) => !('error' in entry.expected));
  const bad = {
    ...good,
    expected: { ...good.expected, amountOut: String(BigInt(good.expected.amountOut) + 1n) },
  };
  const refused = { ...good, expected: { error: 'zero_out' } };

  const results = checkVectorFile({ ...file, cases: [good, bad, refused] });
  expect(results.map(({ problem }) => problem === null)).toEqual([true, false, false]);
});

test('swaps of the DLMM program with its bin arrays in any order are replayed', () => {
  const recorded = new URL('../../devnet/test/vectors/meteora-dlmm-arrays.json', import.meta.url);
  const file = JSON.parse(readFileSync(recorded, 'utf8'));
  const problems = checkVectorFile(file).map(({ problem }) => problem);
  expect(problems.length).toBeGreaterThan(10);
  expect(problems.filter((problem) => problem !== null)).toEqual([]);

  const [wrongOrder, served] = file.vectors;
  const { code: _, ...landed } = { ...wrongOrder, amountOut: served.amountOut };
  const short = { ...served, amountOut: String(BigInt(served.amountOut) - 1n) };
  const results = checkVectorFile({ ...file, vectors: [landed, short] });
  expect(results.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('insufficient-liquidity'),
    expect.stringContaining('amountOut'),
  ]);
});

test('an unknown kind fails and an unknown file format throws', () => {
  const [result] = checkVectorFile({
    format: 1,
    kind: 'orca',
    cases: [{ id: 'x', expected: {}, state: {} }],
  });
  expect(result?.problem).toMatch(/unknown kind "orca"/);
  expect(() => checkVectorFile({ program: 'Orca', vectors: [] })).toThrow(/unknown program/);
  expect(() => checkVectorFile('a')).toThrow(/not an object/);
});
