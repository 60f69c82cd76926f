import { describe, expect, test } from 'vitest';
import type { Leg, Quote, QuoteRequest } from '../src/domain/quote.ts';
import { assembleSwap, fillAccountsOf } from '../src/execution/building/assemble-swap.ts';
import { buildSwap } from '../src/execution/building/build-swap.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import type { TransactionError } from '../src/ports/chain.ts';
import type { RouteSwap } from '../src/ports/venue.ts';
import { lyingNode } from './support/lying-node.ts';
import { oddVenue } from './support/odd-venue.ts';
import { BONK, createWorld, SOL, USDC, WALLET } from './support/world.ts';

const REQUEST: QuoteRequest = { tokenIn: SOL, tokenOut: USDC, swapMode: 'exactIn', amount: 1_000n };

const legOf = (change: Partial<Leg> = {}): Leg => ({
  ...{ venue: 'raydium', pool: 'ray', poolKind: 'memory', tokenIn: SOL, tokenOut: USDC },
  ...{ amountIn: 1_000n, amountOut: 150n, fee: 0n, feeToken: SOL },
  ...{ vaultIn: 'in', vaultOut: 'out' },
  ...change,
});
const routeOf = (...legs: Leg[]) => ({ legs, amountIn: 1_000n, amountOut: 150n });

describe('the accounts that a fill is read from', () => {
  test('are the vaults of the first and last legs', async () => {
    const { engine } = await createWorld();
    const legs = [legOf(), legOf({ vaultIn: 'in2', vaultOut: 'out2' })];
    expect(fillAccountsOf(engine, REQUEST, legs)).toEqual({
      ...{ payer: WALLET, solIn: true, solOut: false },
      ...{ vaultsIn: ['in', 'in2'], vaultsOut: ['out', 'out2'], intermediates: [] },
    });
  });

  test('include the vaults between, for every token that passes through the wallet', async () => {
    const { engine } = await createWorld();
    const legs = [
      legOf({ tokenOut: BONK, vaultIn: 'solIn', vaultOut: 'bonkOut' }),
      legOf({ tokenIn: BONK, vaultIn: 'bonkIn', vaultOut: 'usdcOut' }),
    ];
    expect(fillAccountsOf(engine, { ...REQUEST, tokenIn: SOL }, legs)).toMatchObject({
      ...{ vaultsIn: ['solIn'], vaultsOut: ['usdcOut'] },
      intermediates: [
        { mint: BONK.mint, symbol: 'BONK', decimals: 5, vaultsFrom: ['bonkOut'], vaultsTo: ['bonkIn'] },
      ],
    });
  });

  test.each([{ vaultIn: null }, { vaultOut: null }])('are the mints where a leg has %j', async (change) => {
    const { engine } = await createWorld();
    const request = { ...REQUEST, tokenIn: USDC, tokenOut: SOL };
    expect(fillAccountsOf(engine, request, [legOf(), legOf(change)])).toEqual({
      ...{ payer: WALLET, solIn: false, solOut: true, vaultsIn: [], vaultsOut: [] },
      mints: { in: USDC.mint, out: SOL.mint },
    });
  });
});

describe('an assembled swap', () => {
  test('has the limits that the signer checks the message against', async () => {
    const { engine } = await createWorld();
    const offer = { venue: 'raydium', route: routeOf(legOf()), limitAmount: 140n };
    expect(await assembleSwap(engine, REQUEST, offer)).toMatchObject({
      legs: [legOf()],
      policy: {
        ...{ mintIn: SOL.mint, mintOut: USDC.mint, intermediateMints: [] },
        ...{ maxAmountIn: 1_000n, minAmountOut: 140n },
      },
    });
    const part = { ...REQUEST, swapMode: 'partialFill', amount: 2_000n } as const;
    const { policy } = await assembleSwap(engine, part, { ...offer, limitAmount: 280n });
    expect(policy).toMatchObject({ maxAmountIn: 2_000n, minAmountOut: 280n, mayFillInPart: true });
    const exactOut = { ...REQUEST, swapMode: 'exactOut', amount: 150n } as const;
    expect((await assembleSwap(engine, exactOut, { ...offer, limitAmount: 1_010n })).policy).toEqual({
      ...{ mintIn: SOL.mint, mintOut: USDC.mint, intermediateMints: [] },
      ...{ maxAmountIn: 1_010n, minAmountOut: 150n },
    });
  });

  test('takes the whole route from a venue that builds routes, within the limits', async () => {
    const asked: RouteSwap[] = [];
    const other = legOf({ venue: 'elsewhere', tokenOut: BONK, vaultIn: null, vaultOut: null });
    const { engine } = await createWorld({
      venues: ([raydium]) => [
        oddVenue(raydium!, {
          routeInstructions: async (swap) => {
            asked.push(swap);
            return { legs: [other], instructions: [], lookupTables: [{ address: 't', addresses: [] }] };
          },
        }),
      ],
    });
    const route = routeOf(legOf());
    const assembled = await assembleSwap(engine, REQUEST, { venue: 'raydium', route, limitAmount: 140n });
    expect(asked).toMatchObject([{ route, payer: WALLET, amountIn: 1_000n, minAmountOut: 140n }]);
    expect(assembled).toMatchObject({
      ...{ legs: [other], lookupTables: [{ address: 't' }] },
      policy: { intermediateMints: [] },
    });
  });

  test('needs the venue of every leg', async () => {
    const { engine } = await createWorld();
    const offer = { venue: 'router', route: routeOf(legOf({ venue: 'gone' })), limitAmount: 1n };
    await expect(assembleSwap(engine, REQUEST, offer)).rejects.toThrow('no venue is called gone');
  });

  test('names a lookup table that several legs use once', async () => {
    const { engine } = await createWorld({
      venues: (venues) =>
        venues.map((venue) =>
          oddVenue(venue, {
            swapInstructions: () => ({
              instructions: [],
              lookupTables: ['t', venue.name].map((address) => ({ address, addresses: [] })),
            }),
          }),
        ),
    });
    const route = routeOf(legOf(), legOf({ venue: 'meteora' }));
    const { lookupTables } = await assembleSwap(engine, REQUEST, { venue: 'router', route, limitAmount: 1n });
    expect(lookupTables.map(({ address }) => address)).toEqual(['t', 'raydium', 'meteora']);
  });
});

describe('a swap that fails its rehearsal', () => {
  const CODES: [TransactionError['kind'], string][] = [
    ['receiptExists', 'receipt_exists'],
    ['alreadyProcessed', 'simulation_failed'],
    ['other', 'simulation_failed'],
  ];

  /** What is told of an order of 1 SOL for USDC whose rehearsal ends with this error, in a wallet that holds `lamports`. */
  async function told(error: TransactionError, wallet: { lamports?: bigint; body?: object } = {}) {
    const world = await createWorld({
      nodes: ({ chain }) => [
        lyingNode(chain.anyNode, {
          simulate: async () => ({ outcome: 'failed', error }),
          holdings: async () => ({ slot: 1n, lamports: wallet.lamports ?? 0n, tokens: new Map() }),
        }),
      ],
    });
    const order = await world.submit(wallet.body);
    const quote: Quote = { venue: 'raydium', route: routeOf(legOf()), priceImpactBps: 0, slot: 1n };
    const swap = await buildSwap(world.engine, order, {
      quote,
      limitAmount: 148_500_000n,
    });
    if (swap.outcome !== 'failed') throw new Error(swap.outcome);
    return swap.failure;
  }

  test('for slippage names the limit of the order', async () => {
    expect(await told({ kind: 'slippage', text: 'why' })).toEqual({
      code: 'slippage_exceeded',
      reason: 'Simulation: why. The order takes no less than 148.5 USDC.',
      priceMove: { allowedBps: 100 },
    });
    const compared = { smaller: 148_000_000n, larger: 148_500_000n };
    expect((await told({ kind: 'slippage', text: 'why', compared })).reason).toBe(
      'Simulation: why. The order takes no less than 148.5 USDC; the swap would have given 148 USDC.',
    );
  });

  test('for lack of funds names the required and the available amount', async () => {
    const poor = { kind: 'insufficientFunds', text: 'why' } as const;
    expect(await told(poor, { lamports: 400_000_000n })).toEqual({
      code: 'insufficient_funds',
      reason: 'Simulation: why. It needs 1 SOL and the wallet has 0.4 SOL.',
    });
    const lamports = { held: 1_000n, needed: 2_039_280n };
    expect((await told({ ...poor, lamports }, { lamports: 1_500_000_000n })).reason).toBe(
      'Simulation: why. It needs 0.00203928 SOL where 0.000001 SOL is left; the wallet has 1.5 SOL.',
    );
    expect((await told(poor, { lamports: 1_000_000_000n })).reason).toMatch(
      /It needs 1\.\d+ SOL with its network fee, and rent beside it; the wallet has 1 SOL\.$/,
    );
  });

  test.each(CODES)('for %s is reported as %s, and nothing is signed', async (kind, code) => {
    const simulate = async () => ({ outcome: 'failed', error: { kind, text: 'why' } }) as const;
    const world = await createWorld({ nodes: ({ chain }) => [lyingNode(chain.anyNode, { simulate })] });
    await askAboutPast(world.engine); // As a start does: nothing is signed before.
    const order = await world.submit();
    const quote: Quote = { venue: 'raydium', route: routeOf(legOf()), priceImpactBps: 0, slot: 1n };
    expect(await buildSwap(world.engine, order, { quote, limitAmount: 1n })).toEqual({
      outcome: 'failed',
      failure: { code, reason: 'Simulation: why.' },
    });
    expect(world.hooks.signer.calls('sign')).toEqual([]);
  });

  test('at one node of two is signed, if it succeeds at the other', async () => {
    let liars = 1;
    const world = await createWorld({
      nodes: ({ chain }) =>
        [1, 2].map((number) => {
          const { simulate } = chain.anyNode;
          const error = { kind: 'insufficientFunds', text: 'why' } as const;
          return lyingNode(chain.anyNode, {
            name: `node ${number}`,
            simulate: async (message) => (number > liars ? simulate(message) : { outcome: 'failed', error }),
          });
        }),
    });
    await askAboutPast(world.engine);
    const execute = async () => {
      const { orderId } = (await world.submit()).request;
      await executeOrder(world.engine, orderId);
      return world.engine.orders.get(orderId);
    };
    expect(await execute()).toMatchObject({ status: 'submitted', tryNumber: 1 });
    liars = 2;
    expect(await execute()).toMatchObject({ status: 'routing', tryNumber: 2 });
  });
});
