import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountAtRate } from './best-rate.ts';
import {
  comparePrices,
  leastOutputAt,
  mostInputAt,
  type Price,
  parsePrice,
  priceKey,
  showPrice,
} from './price.ts';

const SOL_USDC = { tokenIn: { decimals: 9 }, tokenOut: { decimals: 6 } };
const priceOf = (text: string, priceIn: 'tokenOut' | 'tokenIn' = 'tokenOut', tokens = SOL_USDC): Price => {
  const parsed = parsePrice(text, { ...tokens, priceIn });
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.price;
};

const prices = fc
  .record({ numerator: fc.bigInt(1n, 2n ** 200n), denominator: fc.bigInt(1n, 2n ** 200n) })
  .filter(({ numerator }) => numerator > 0n);
/** Two prices that are often equal, or differ behind the bits of a key. */
const neighbors = fc
  .tuple(prices, fc.bigInt(-2n, 2n), fc.bigInt(1n, 10n ** 20n))
  .map(([price, step, scale]) => ({
    one: price,
    other: {
      numerator: price.numerator * scale + step < 1n ? 1n : price.numerator * scale + step,
      denominator: price.denominator * scale,
    },
  }));

describe('a decimal price', () => {
  test.each([
    ['149.5', 'tokenOut', 1_495n, 10_000n],
    ['149.50', 'tokenOut', 1_495n, 10_000n],
    ['149.5', 'tokenIn', 1n, 149_500n],
    ['0.001', 'tokenIn', 1n, 1n],
    ['007', 'tokenOut', 7n, 1_000n],
  ] as const)('%s in %s is read exactly, per base unit', (text, priceIn, numerator, denominator) => {
    expect(priceOf(text, priceIn)).toEqual({ numerator, denominator });
  });

  test('takes 20 digits and 18 decimals', () => {
    const text = `${'9'.repeat(20)}.${'9'.repeat(18)}`;
    const tokens = { tokenIn: { decimals: 18 }, tokenOut: { decimals: 0 } };
    expect(priceOf(text, 'tokenOut', tokens)).toEqual({
      numerator: 10n ** 38n - 1n,
      denominator: 10n ** 36n,
    });
  });

  test.each([
    ['x1', 'notDecimal'],
    ['1x', 'notDecimal'],
    ['-1', 'notDecimal'],
    ['1.', 'notDecimal'],
    ['.5', 'notDecimal'],
    ['1e3', 'notDecimal'],
    ['1.2.3', 'notDecimal'],
    ['', 'notDecimal'],
    ['0.000', 'zero'],
    ['1'.repeat(21), 'tooManyDigits'],
    [`0.${'0'.repeat(18)}1`, 'tooManyDecimals'],
  ])('%j is refused as %s', (text, problem) => {
    expect(parsePrice(text, { ...SOL_USDC, priceIn: 'tokenOut' })).toEqual({ ok: false, problem });
  });

  test('is shown as it was given, in either token', () => {
    for (const priceIn of ['tokenOut', 'tokenIn'] as const) {
      for (const text of ['149.5', '0.00000123', '123456789012'])
        expect(showPrice(priceOf(text, priceIn), SOL_USDC, priceIn)).toBe(text);
    }
    expect(showPrice(priceOf('8'), SOL_USDC, 'tokenIn')).toBe('0.125');
    expect(showPrice(priceOf('3', 'tokenIn'), SOL_USDC, 'tokenOut')).toBe('0.333333333333');
  });
});

test('prices compare by their exact value', () => {
  expect(comparePrices(priceOf('149.5'), { numerator: 2_990n, denominator: 20_000n })).toBe(0);
  fc.assert(
    fc.property(neighbors, ({ one, other }) => {
      const [left, right] = [one.numerator * other.denominator, other.numerator * one.denominator];
      expect(Math.sign(comparePrices(one, other))).toBe(left < right ? -1 : left > right ? 1 : 0);
      expect(Math.sign(comparePrices(other, one))).toBe(left < right ? 1 : left > right ? -1 : 0);
    }),
  );
});

test('an amount at a price is the nearest one that is not worse than the price', () => {
  expect(leastOutputAt({ numerator: 3n, denominator: 2n }, 3n)).toBe(5n);
  expect(mostInputAt({ numerator: 3n, denominator: 2n }, 4n)).toBe(2n);
  fc.assert(
    fc.property(prices, fc.bigInt(1n, 2n ** 64n), (price, amount) => {
      const out = leastOutputAt(price, amount);
      expect(comparePrices({ numerator: out, denominator: amount }, price)).toBeGreaterThanOrEqual(0);
      expect(out - amountAtRate(price, 'exactIn', amount)).toBeLessThanOrEqual(1n);
      const most = mostInputAt(price, amount);
      expect(most * price.numerator <= amount * price.denominator).toBe(true);
      expect((most + 1n) * price.numerator > amount * price.denominator).toBe(true);
    }),
  );
});

describe('the key of a price', () => {
  test('orders prices as they are', () => {
    fc.assert(
      fc.property(fc.oneof(neighbors, fc.record({ one: prices, other: prices })), ({ one, other }) => {
        const order = comparePrices(one, other);
        if (order <= 0) expect(priceKey(one)).toBeLessThanOrEqual(priceKey(other));
        if (order >= 0) expect(priceKey(one)).toBeGreaterThanOrEqual(priceKey(other));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the price, rounded down to 53 bits', () => {
    expect(priceKey({ numerator: 3n, denominator: 4n })).toBe(0.75);
    expect(priceKey({ numerator: 2n ** 54n - 1n, denominator: 1n })).toBe(2 ** 54 - 2);
    fc.assert(
      fc.property(prices, (price) => {
        const key = priceKey(price);
        const exact = asFraction(key);
        expect(comparePrices(exact, price)).toBeLessThanOrEqual(0);
        expect(comparePrices(asFraction(key * (1 + 2 ** -52)), price)).toBe(1);
      }),
    );
  });

  test('stays in order where a number cannot hold the price', () => {
    const huge = { numerator: 2n ** 3_000n, denominator: 1n };
    const tiny = { numerator: 1n, denominator: 2n ** 3_000n };
    expect([priceKey(huge), priceKey(tiny)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });
});

/** The exact value of a number. */
function asFraction(value: number): Price {
  let [numerator, exponent] = [value, 0];
  while (!Number.isInteger(numerator)) [numerator, exponent] = [numerator * 2, exponent + 1];
  return { numerator: BigInt(numerator), denominator: 2n ** BigInt(exponent) };
}
