import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { formatAmount } from '../src/domain/amount.ts';
import type { Failure } from '../src/domain/failure.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: DevnetWorld;
/** The kind of pools that the venues offer. */
let offered: string;
beforeAll(async () => {
  world = await createDevnetWorld('revert figures', {
    venues: ['raydium', 'meteora', 'meteora-dlmm'],
    offered: () => [offered],
    limits: { maxLegs: 1, maxTries: 1 },
  });
  const { tokens } = (await world.admin('market')) as { tokens: { symbol: string; mint: string }[] };
  const usdc = tokens.find(({ symbol }) => symbol === 'USDC')!.mint;
  const owner = world.engine.signer.address;
  await world.admin('fund', { owner, tokens: [{ mint: usdc, amount: '1000000000000' }] });
}, 60_000);
afterEach(() => world.admin('faults', undefined, 'DELETE'));
afterAll(() => world?.stop());

/** The end of an order whose one attempt landed beyond its limit, since another trader traded just before it. */
async function reverted(kind: string, request: object): Promise<{ failure: Failure; limit: bigint }> {
  offered = kind;
  await world.admin('faults', { drain: { next: 1, percent: 1, restoreAfterSlots: 2 } });
  const order = await world.submit({ slippageBps: 10, maxPriceImpactBps: 10_000, ...request });
  await world.advanceUntil(order, 'failed');
  const [attempt] = await world.engine.orders.attempts(order.request.orderId);
  expect(attempt).toMatchObject({ state: 'reverted' });
  const { limitAmount } = await world.order(order);
  const failed = (await world.engine.orders.events(order.request.orderId, 0, 100)).at(-1);
  await world.admin('advance', { slots: 5 });
  return { failure: failed!.data as Failure, limit: limitAmount! };
}

const SALE = { tokenIn: 'SOL', tokenOut: 'USDC', amount: '1' };
const PURCHASE = { tokenIn: 'USDC', tokenOut: 'RAY', amount: '100' };

test.each([
  ['raydium-cpmm', SALE, 6, true],
  ['raydium-amm-v4', PURCHASE, 6, true],
  ['raydium-clmm', PURCHASE, 6, true],
  ['meteora-damm-v2', SALE, 6, false],
  ['meteora-dlmm', SALE, 6, false],
] as const)(
  'a swap of %s that landed beyond its limit reports the limit in token units',
  async (kind, request, decimals, isLogged) => {
    const { failure, limit } = await reverted(kind, request);
    expect(failure.code).toBe('slippage_exceeded');
    const least = `${formatAmount(limit, decimals)} ${request.tokenOut}`;
    const figure = isLogged ? `; the swap would have given \\d+\\.\\d+ ${request.tokenOut}` : '';
    expect(failure.reason).toMatch(
      new RegExp(
        `^Landed in slot \\d+ and reverted: .* program says: .* \\(error \\d+ of instruction \\d+\\)\\. The order takes no less than ${least.replace('.', '\\.')}${figure}\\.$`,
      ),
    );
    expect(failure.reason).not.toMatch(/Custom|InstructionError|undefined/);
    expect(failure.priceMove).toEqual({ allowedBps: 10, ...(isLogged && { movedBps: expect.any(Number) }) });
    expect(failure.priceMove?.movedBps ?? 11).toBeGreaterThan(10);
  },
);

test("an exact output that landed beyond its limit reports the order's maximum input", async () => {
  const { failure, limit } = await reverted('raydium-amm-v4', {
    ...PURCHASE,
    swapMode: 'exactOut',
    amount: '40',
  });
  expect(failure.code).toBe('slippage_exceeded');
  const [, most, taken] =
    /The order pays at most ([\d.]+) USDC; the swap would have taken ([\d.]+) USDC\.$/.exec(failure.reason)!;
  expect(most).toBe(formatAmount(limit, 6));
  expect(Number(taken)).toBeGreaterThan(Number(most));
  expect(failure.priceMove?.movedBps).toBe(Math.ceil(((Number(taken) * 1.001) / Number(most) - 1) * 10_000));
});
