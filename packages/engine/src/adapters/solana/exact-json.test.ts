import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedAnswer, parseExactJson, toHash, toU64 } from './exact-json.ts';

test('keeps a u64 above 2^53 exact', () => {
  const parsed = parseExactJson('{"fee":18446744073709551615,"list":[9007199254740993,-1],"small":42}') as {
    fee: unknown;
    list: unknown[];
    small: unknown;
  };
  expect(toU64(parsed.fee)).toBe(18446744073709551615n);
  expect(toU64(parsed.list[0])).toBe(9007199254740993n);
  expect(toU64(parsed.small)).toBe(42n);
});

test('leaves long digits inside texts, and fractions, as they are', () => {
  const text = '{"a":"9007199254740993, \\"1234567890123456789\\": 1","b":0.12345678901234567,"c":1e20}';
  expect(parseExactJson(text)).toEqual(JSON.parse(text));
});

test('answers keep every string, and every number that a double holds', () => {
  const long = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
  const leaf = fc.oneof(
    fc.string().map((text) => JSON.stringify(text)),
    long.map((value) => JSON.stringify(`"${value}",:${value}\\\\`)),
    long.map(String),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
    fc.constantFrom('true', 'null', '""', '"\\\\"', '"\\""', '[]', '{}', '0.12345678901234567890'),
  );
  const lists = fc.array(leaf).map((all) => [`[${all}]`, ...all]);
  fc.assert(
    fc.property(lists, ([list, ...leaves]) => {
      const expected = leaves.map((text) => (/^-?\d{16,}$/.test(text) ? text : JSON.parse(text)));
      expect(parseExactJson(list!)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

test.each([-1, 1.5, 2 ** 53, '18446744073709551616', '-1', '', null, undefined, {}])(
  '%o is no u64',
  (value) => {
    expect(() => toU64(value)).toThrow(MalformedAnswer);
  },
);

test.each(['0OIl', '', '1'.repeat(31), '1'.repeat(33), 'z'.repeat(44), 'z'.repeat(100_000), 7, null])(
  '%s is no hash',
  (value) => {
    expect(() => toHash(value)).toThrow(MalformedAnswer);
  },
);

test('a hash keeps its text', () => {
  for (const hash of ['1'.repeat(32), 'So11111111111111111111111111111111111111112'])
    expect(toHash(hash)).toBe(hash);
});
