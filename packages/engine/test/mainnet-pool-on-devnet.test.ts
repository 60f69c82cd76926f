import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrderEventData } from '../src/domain/order-event.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

const ACCOUNTS = fileURLToPath(new URL('../../devnet/test/fixtures/mainnet-accounts', import.meta.url));
const POOL = '7JuwJuNU88gurFnyWeiyGKbFmExMWcmRZntn9imEzdny';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('mainnet pool', { accountsDirectory: ACCOUNTS });
});
afterAll(() => world?.stop());

test.each([
  { tokenIn: 'SOL', tokenOut: 'USDC', amount: '0.001' },
  { tokenIn: 'USDC', tokenOut: 'SOL', amount: '0.05' },
])(
  '$amount $tokenIn through the real pool of mainnet gives the quoted amount, to the unit',
  async (request) => {
    const mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
    const owner = world.engine.signer.address;
    await world.admin('fund', { owner, tokens: [{ mint, amount: '1000000' }] });
    const order = await world.submit(request);
    await world.advanceUntil(order, 'confirmed');
    const events = await world.engine.orders.events(order.request.orderId, 0, 100);
    const { route } = events.find(({ type }) => type === 'order.building')!
      .data as OrderEventData['order.building'];
    const fill = events.find(({ type }) => type === 'order.confirmed')!
      .data as OrderEventData['order.confirmed'];
    expect(route.legs.map(({ pool }) => pool)).toEqual([POOL]);
    expect(fill).toMatchObject({ amountIn: request.amount, amountOut: route.amountOut });
  },
);
