import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatAmount,
  formatPrice,
  formatSigned,
  MAX_BASE_UNITS,
  parseAmount,
  readAmount,
  roundDecimals,
} from './amount.ts';

test('digits beyond the decimals are cut, or add a unit', () => {
  const cases: [string, number, string, string][] = [
    ['1.239', 2, '1.23', '1.24'],
    ['1.230', 2, '1.23', '1.23'],
    ['1.999', 2, '1.99', '2'],
    ['0.001', 0, '0', '1'],
    ['7', 0, '7', '7'],
    ['1.5', 3, '1.5', '1.5'],
    ['x.123', 1, 'x.123', 'x.123'],
  ];
  for (const [text, decimals, down, up] of cases) {
    expect(roundDecimals(text, decimals, 'down')).toBe(down);
    expect(roundDecimals(text, decimals, 'up')).toBe(up);
  }
});

test('rounding never passes the next unit, and leaves what fits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), fc.nat(18), fc.nat(18), (units, written, decimals) => {
      const text = formatAmount(units, written);
      const scale = (rounded: string) => readAmount(rounded, decimals) * 10n ** BigInt(written);
      const exact = units * 10n ** BigInt(decimals);
      const unit = 10n ** BigInt(written);
      const [down, up] = [
        scale(roundDecimals(text, decimals, 'down')),
        scale(roundDecimals(text, decimals, 'up')),
      ];
      expect(down <= exact && exact - down < unit).toBe(true);
      expect(up >= exact && up - exact < unit).toBe(true);
    }),
  );
});

describe('a decimal amount', () => {
  test.each([
    ['1', 9, 1_000_000_000n],
    ['12.5', 6, 12_500_000n],
    ['0.000001', 6, 1n],
    ['007', 0, 7n],
    ['18446744073709551615', 0, MAX_BASE_UNITS],
    [`${'0'.repeat(63)}1`, 0, 1n],
  ])('%s with %d decimals is read exactly', (text, decimals, amount) => {
    expect(parseAmount(text, decimals)).toEqual({ ok: true, amount });
  });

  test.each([
    ['x1', 'notDecimal'],
    ['1x', 'notDecimal'],
    ['-1', 'notDecimal'],
    ['1.', 'notDecimal'],
    ['.5', 'notDecimal'],
    ['1e3', 'notDecimal'],
    ['', 'notDecimal'],
    ['1.0000001', 'tooManyDecimals'],
    ['0.000000', 'zero'],
    ['18446744073709.551616', 'overU64'],
    ['0'.repeat(65), 'tooLong'],
  ])('%j is refused as %s', (text, problem) => {
    expect(parseAmount(text, 6)).toEqual({ ok: false, problem });
  });
});

describe('an amount of the log', () => {
  test.each([
    ['0', 6, 0n],
    ['1.5', 6, 1_500_000n],
    ['3', 0, 3n],
  ])('%s with %d decimals is read', (text, decimals, amount) => {
    expect(readAmount(text, decimals)).toBe(amount);
    expect(formatAmount(amount, decimals)).toBe(text);
  });

  test.each(['x1', '1x', '-1', '1.1234567', ''])('%j is refused', (text) => {
    expect(() => readAmount(text, 6)).toThrow(`not an amount with 6 decimals: ${text}`);
  });

  test('shows a sign only if it is negative', () => {
    expect([-1_500_000n, 0n, 1n].map((amount) => formatSigned(amount, 6))).toEqual(['-1.5', '0', '0.000001']);
  });
});

describe('a price', () => {
  const priceOf = (amountIn: bigint, amountOut: bigint, decimalsOut = 6) =>
    formatPrice({ amountIn, decimalsIn: 9, amountOut, decimalsOut });

  test('is that of one whole token, cut after twelve significant digits', () => {
    expect(priceOf(1_000_000_000n, 149_500_000n)).toBe('149.5');
    expect(priceOf(3_000_000_000n, 2_000_000n)).toBe('0.666666666666');
    expect(priceOf(7_000_000_000n, 1_000_000_000_000_000n)).toBe('142857142.857');
    expect(priceOf(10n ** 9n, 123_456_789_012_345_678n, 0)).toBe('123456789012000000');
  });

  test('is unknown for a zero input, and zero for a zero output', () => {
    expect(priceOf(0n, 1n)).toBeNull();
    expect(priceOf(1n, 0n)).toBe('0');
  });

  test('is exact where it has few digits, however small it is', () => {
    expect(priceOf(10n ** 19n, 1n, 18)).toBe(`0.${'0'.repeat(27)}1`);
    expect(priceOf(10n ** 18n, 12_345_678_901n, 37)).toBe(`0.${'0'.repeat(35)}12345`);
    expect(priceOf(10n ** 18n, 1_234_567_890_123n, 37)).toBe(`0.${'0'.repeat(33)}1234567`);
  });
});
