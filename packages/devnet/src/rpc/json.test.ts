import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, toJson, toJsonText } from './json.ts';

const withoutFloats = fc
  .jsonValue({ noUnicodeString: false })
  .map((value) =>
    JSON.parse(JSON.stringify(value), (_, member) =>
      typeof member === 'number' ? Math.trunc(member % 1e15) || 0 : member,
    ),
  );
const blank = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');

test('reads what has no unusual number as JSON.parse does', () => {
  fc.assert(
    fc.property(withoutFloats, fc.constantFrom(0, 2), (value, indent) => {
      expect(parseJson(JSON.stringify(value, null, indent))).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test.each(['1.0', '-1.5', '1e3', '12E4', '-0', '-0.0', '0.25'])(
  'holds %s for a float wherever it stands',
  (float) => {
    fc.assert(
      fc.property(blank, blank, fc.string(), (before, after, text) => {
        const number = `${before}${float}${after}`;
        expect(parseJson(number)).toBeNaN();
        const neighbor = JSON.stringify(text);
        expect(parseJson(`[${neighbor},${number},7]`)).toEqual([text, Number.NaN, 7]);
        expect(parseJson(`{"a":${neighbor},"b"${before}:${number}}`)).toEqual({ a: text, b: Number.NaN });
      }),
    );
  },
);

test('reads whole numbers of any size exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), blank, (number, before) => {
      const isSafe = Number.isSafeInteger(Number(number));
      expect(parseJson(`{"a":[${before}${number}]}`)).toEqual({ a: [isSafe ? Number(number) || 0 : number] });
    }),
  );
});

test('writes as JSON.stringify does, and whole numbers of any size exactly', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.bigInt(), (value, number) => {
      expect(toJson(value)).toBe(JSON.stringify(value));
      const kept = { text: toJsonText({ value }), left: undefined, number };
      expect(toJson(kept)).toBe(`{"text":${JSON.stringify({ value })},"number":${number}}`);
    }),
    { numRuns: 500 },
  );
});

test('writes null for what JSON has no number for', () => {
  expect(toJson([Number.NaN, Number.POSITIVE_INFINITY, -0, undefined])).toBe('[null,null,0,null]');
});
