import { describe, expect, test } from 'vitest';
import type { Attempt, FillAccounts } from '../src/domain/attempt.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { type Mint, toMint } from '../src/domain/token.ts';
import { settleFinalized, settleLanded } from '../src/execution/attempts/settle-landed.ts';
import { askForReview, settleExpired, settleReverted } from '../src/execution/attempts/settle-order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import { ChainUnavailable, type LandedTransaction } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, SOL, type TestWorld, USDC, WALLET, type WorldOptions } from './support/world.ts';

/** An order with an open attempt, and no loop that looks after it. */
async function submitted(
  options: WorldOptions = {},
): Promise<{ world: TestWorld; order: Order; attempt: Attempt }> {
  const world = await createWorld(options);
  await askAboutPast(world.engine); // As a start does: nothing is signed before.
  const { request } = await world.submit();
  await executeOrder(world.engine, request.orderId);
  const [attempt] = await world.engine.orders.attempts(request.orderId);
  return { world, order: (await world.engine.orders.get(request.orderId))!, attempt: attempt! };
}

/** What a node shows of an attempt's transaction, whatever it did. */
const nameOf = ({ orderId, attemptNumber, signature }: Attempt) => ({
  signature,
  payer: WALLET,
  memo: `${orderId}/${attemptNumber}`,
});

describe('a landed attempt', () => {
  test('is settled when its transaction can be read, once', async () => {
    const { world, order, attempt } = await submitted();
    expect(await settleLanded(world.engine, attempt)).toBeNull();
    await world.slots(2);
    expect(await settleLanded(world.engine, attempt)).toMatchObject({ status: 'confirmed' });
    expect(await settleLanded(world.engine, attempt)).toBe('alreadyKnown');
    expect((await world.statuses(order)).at(-1)).toBe('confirmed');
  });

  test('is final when its transaction can be read as final, once', async () => {
    const { world, attempt } = await submitted();
    await world.slots(2);
    await settleLanded(world.engine, attempt);
    expect(await settleFinalized(world.engine, attempt)).toBeNull();
    await world.slots(40);
    expect(await settleFinalized(world.engine, attempt)).toMatchObject({ finalized: true });
    expect(await settleFinalized(world.engine, attempt)).toBe('alreadyKnown');
  });

  test('is not settled by a transaction that reverted', async () => {
    const { world, order, attempt } = await submitted({
      nodes: (chain) =>
        chain.chain.nodes.map((node) =>
          lyingNode(node, {
            transaction: async (signature, commitment) => {
              const landed = await node.transaction(signature, commitment);
              return landed && { ...landed, error: { kind: 'slippage', text: 'ExceededSlippage' } };
            },
          }),
        ),
    });
    await world.slots(40);
    expect(await settleLanded(world.engine, attempt)).toBeNull();
    expect(await settleFinalized(world.engine, attempt)).toBe('reverted');
    expect((await world.order(order)).status).toBe('submitted');
  });
});

describe('a fill', () => {
  type Moves = Readonly<Record<string, readonly [before: bigint, after: bigint]>>;
  const changeOf = (moves: Moves, address: string) => {
    const move = moves[address];
    return move && { before: move[0], after: move[1] };
  };

  /** What is written of a swap of 1 SOL for USDC that moved this. Fees are 5,000 lamports. */
  async function fillOf(
    accounts: Partial<FillAccounts>,
    moved: { tokens?: Moves; lamports?: Moves; others?: LandedTransaction['tokenAccounts'] },
  ) {
    const { tokens = {}, lamports = { [WALLET]: [2_000_000_000n, 999_995_000n] }, others = [] } = moved;
    const shown = {
      ...{ slot: 7n, error: null, feeLamports: 5_000n, tokenAccounts: others },
      lamports: (address: string) => changeOf(lamports, address),
      tokens: (address: string) => changeOf(tokens, address),
    };
    let asked: Attempt | undefined;
    const { world, order, attempt } = await submitted({
      nodes: (chain) =>
        chain.chain.nodes.map((node) =>
          lyingNode(node, { transaction: async () => ({ ...shown, ...nameOf(asked!) }) }),
        ),
    });
    asked = attempt;
    const { intermediates: _, ...own } = attempt.fillAccounts;
    const fillAccounts = { ...own, vaultsIn: ['in'], vaultsOut: ['out'], ...accounts };
    await settleLanded(world.engine, { ...attempt, fillAccounts });
    return (await world.log(order)).find(({ type }) => type === 'order.confirmed')?.data;
  }
  const swap: Moves = { in: [10n, 1_000_000_010n], out: [150_000_001n, 1n] };

  test("has the amounts that the vaults took and gave, and as rent the wallet's further loss", async () => {
    expect(await fillOf({}, { tokens: swap })).toEqual({
      ...{ signature: expect.any(String), slot: '7', amountIn: '1', amountOut: '150', executedPrice: '150' },
      fees: { network: '0.000005', rent: '0', rentRefunded: '0' },
    });
    const poorer = { [WALLET]: [2_000_000_000n, 997_955_720n] } as const;
    expect(await fillOf({}, { tokens: swap, lamports: poorer })).toMatchObject({
      fees: { network: '0.000005', rent: '0.00203928', rentRefunded: '0' },
    });
    const richer = { [WALLET]: [2_000_000_000n, 1_002_034_280n] } as const;
    expect(await fillOf({}, { tokens: swap, lamports: richer })).toMatchObject({
      fees: { rent: '0', rentRefunded: '0.00203928' },
    });
  });

  test('has its rent too if the swap gives SOL, or neither spends nor gives SOL', async () => {
    const brings = { [WALLET]: [2_000_000_000n, 2_149_995_000n] } as const;
    expect(await fillOf({ solIn: false, solOut: true }, { tokens: swap, lamports: brings })).toMatchObject({
      fees: { rent: '0', rentRefunded: '0' },
    });
    const neither = { [WALLET]: [2_000_000_000n, 1_999_995_000n] } as const;
    expect(await fillOf({ solIn: false, solOut: false }, { tokens: swap, lamports: neither })).toMatchObject({
      fees: { rent: '0', rentRefunded: '0' },
    });
  });

  test('counts each vault once, with its whole change', async () => {
    const tokens = {
      in: [10n, 500_000_010n],
      in2: [0n, 250_000_000n],
      out: [150_000_001n, 1n],
      out2: [50_000_000n, 0n],
    } as const;
    const accounts = { vaultsIn: ['in', 'in', 'in2', 'gone'], vaultsOut: ['out', 'out2', 'out2'] };
    expect(await fillOf(accounts, { tokens })).toMatchObject({ amountIn: '0.75', amountOut: '200' });
  });

  test('has the changes of other accounts where no vaults are known', async () => {
    const account = (mint: Mint, owner: string, before: bigint, after: bigint) => ({
      ...{ address: `${mint}/${owner}`, mint, owner, before, after },
    });
    const others = [
      account(SOL.mint, 'pool', 0n, 900_000_000n),
      account(SOL.mint, 'fees', 0n, 100_000_000n),
      account(SOL.mint, WALLET, 1_000_000_000n, 0n),
      account(USDC.mint, 'pool', 150_000_000n, 0n),
      account(USDC.mint, WALLET, 0n, 150_000_000n),
      account(toMint('other'), 'pool', 0n, 7n),
    ];
    const accounts = { vaultsIn: [], vaultsOut: [], mints: { in: SOL.mint, out: USDC.mint } };
    expect(await fillOf(accounts, { others })).toMatchObject({ amountIn: '1', amountOut: '150' });
  });

  test('names the surplus between legs as dust, and counts dust of SOL as no rent', async () => {
    const through = (mint: Mint, symbol: string, name: string) => ({
      ...{ mint, symbol, decimals: 6, vaultsFrom: [`${name}Out`], vaultsTo: [`${name}In`] },
    });
    const intermediates = [
      through(toMint('bonk'), 'BONK', 'bonk'),
      through(toMint('ray'), 'RAY', 'ray'),
      { ...through(SOL.mint, 'SOL', 'sol'), decimals: 9 },
    ];
    const tokens: Moves = {
      ...swap,
      ...{ bonkOut: [9_000_000n, 0n], bonkIn: [0n, 6_500_000n] },
      ...{ rayOut: [5n, 0n], rayIn: [0n, 5n] },
      ...{ solOut: [3_000n, 0n], solIn: [0n, 1_000n] },
    };
    const lamports = { [WALLET]: [2_000_000_000n, 1_999_997_000n] } as const;
    const accounts = { solIn: false, intermediates };
    expect(await fillOf(accounts, { tokens, lamports })).toMatchObject({
      dust: [
        { token: 'BONK', amount: '2.5' },
        { token: 'SOL', amount: '0.000002' },
      ],
      fees: { rent: '0', rentRefunded: '0' },
    });
    const even = { solIn: false, intermediates: intermediates.slice(1, 2) };
    expect(Object.keys((await fillOf(even, { tokens, lamports })) ?? {})).not.toContain('dust');
  });

  test.each([
    ['no input', { tokens: { ...swap, in: [10n, 10n] as const } }],
    ['no output', { tokens: { ...swap, out: [1n, 1n] as const } }],
    ['an output that came in', { tokens: { ...swap, out: [1n, 2n] as const } }],
    ['no wallet', { tokens: swap, lamports: {} }],
  ])('is refused if it shows %s, and the order stays in flight', async (_, moved) => {
    await expect(fillOf({}, moved)).rejects.toThrow(/does not show the swap of order/);
  });
});

describe('the transaction of an attempt', () => {
  const away = new ChainUnavailable('away');
  async function readFrom(...answers: (Partial<LandedTransaction> | null | Error)[]) {
    let asked: Attempt | undefined;
    const { world, attempt } = await submitted({
      nodes: (chain) =>
        answers.map((answer) =>
          lyingNode(chain.chain.anyNode, {
            transaction: async () => {
              if (answer instanceof Error) throw answer;
              return answer && ({ ...nameOf(asked!), ...answer } as LandedTransaction);
            },
          }),
        ),
    });
    asked = attempt;
    return settleLanded(world.engine, attempt);
  }
  const reverted = { slot: 7n, error: { kind: 'other', text: 'x' } } as const;

  test('is read from any node that has it', async () => {
    expect(await readFrom(away, reverted)).toBeNull(); // It did nothing.
    expect(await readFrom(null, away, reverted)).toBeNull();
    expect(await readFrom(null, null)).toBeNull();
  });

  test('is first read with failover between nodes, so that a node which hangs delays nothing', async () => {
    const { world, attempt } = await submitted({
      nodes: (chain) => ['first', 'second'].map((name) => chain.nodeBehind(name, () => 0)),
    });
    await world.slots(2);
    world.cutsOff('first');
    await world.engine.chain.anyNode.identify(); // The second is any node from now on.
    world.reconnects('first');
    world.hooks.node('first').hold('transaction');
    expect(await settleLanded(world.engine, attempt)).toMatchObject({ status: 'confirmed' });
  });

  test('does not count as missing while a node that may have it is unreachable', async () => {
    await expect(readFrom(null, away)).rejects.toBe(away);
    await expect(readFrom(away, new ChainUnavailable('too'))).rejects.toBe(away);
  });
});

describe('a reverted attempt', () => {
  const LIMIT = ' The order takes no less than 148.199303 USDC';
  test.each([
    ['slippage', null, 'slippage_exceeded', `${LIMIT}.`],
    // The program's figures are the order's where its limit is the one that the program held.
    [
      'slippage',
      [147_020_000n, 148_199_303n],
      'slippage_exceeded',
      `${LIMIT}; the swap would have given 147.02 USDC.`,
    ],
    ['slippage', [1n, 2n], 'slippage_exceeded', `${LIMIT}.`],
    [
      'insufficientFunds',
      null,
      'transaction_reverted',
      ' It needed 1 SOL, its network fee and rent; the wallet has 1000 SOL now.',
    ],
    ['alreadyProcessed', null, 'transaction_reverted', ''],
    ['other', null, 'transaction_reverted', ''],
  ] as const)(
    'by %s (%s) has %s for its cause, with the slot, the words of the chain and the figures:%s',
    async (kind, figures, code, told) => {
      const { world, order, attempt } = await submitted();
      const compared = figures && { smaller: figures[0], larger: figures[1] };
      const error = { kind, text: 'why', ...(compared && { compared }) };
      const revert = { slot: 9n, error };
      expect(await settleReverted(world.engine, attempt, revert)).toMatchObject({ status: 'routing' });
      expect(await settleReverted(world.engine, attempt, revert)).toBe('alreadyKnown');
      const [next] = (await world.log(order)).slice(-1);
      expect(next?.data).toMatchObject({
        try: 2,
        cause: { code, reason: `Landed in slot 9 and reverted: why.${told}` },
      });
      expect(await world.engine.orders.attempts(order.request.orderId)).toMatchObject([
        { state: 'reverted', slot: 9n, finalized: false },
      ]);
    },
  );

  test("for lack of funds is settled though no node gives the wallet's balance", async () => {
    const { world, order, attempt } = await submitted();
    world.hooks.node('memory').fail('holdings', new ChainUnavailable('away'));
    const error = { kind: 'insufficientFunds', text: 'why' } as const;
    const revert = { slot: 9n, error };
    await settleReverted(world.engine, attempt, revert);
    const [next] = (await world.log(order)).slice(-1);
    expect(next?.data).toMatchObject({ cause: { reason: 'Landed in slot 9 and reverted: why.' } });
  });

  test('by a receipt that no known transaction created needs a review', async () => {
    const { world, attempt } = await submitted();
    const revert = { slot: 9n, error: { kind: 'receiptExists', text: 'x' } } as const;
    expect(await settleReverted(world.engine, attempt, revert)).toMatchObject({ needsReview: true });
  });
});

describe('a dead attempt', () => {
  test('is followed by the next try after the backoff, without a sweep', async () => {
    const world = await createWorld({ limits: { sweepMs: 86_400_000 } });
    world.losesSends();
    await world.start();
    const order = await world.submit();
    while ((await world.statuses(order)).filter((status) => status === 'routing').length < 2)
      await world.slots(1);
    world.takesSends();
    await world.clock.advance(1_200);
    await world.settle([order], 3);
    expect((await world.order(order)).attemptNumber).toBe(2);
  });

  test('is closed once, and logged once', async () => {
    const { log, lines } = recordingLog();
    const { world, order, attempt } = await submitted({ log });
    expect(await settleExpired(world.engine, attempt)).toMatchObject({ status: 'routing' });
    expect(await settleExpired(world.engine, attempt)).toBe('alreadyKnown');
    expect(lines.filter(({ message }) => message.startsWith('try ended'))).toHaveLength(1);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'submitted', 'routing']);
  });
});

describe('an attempt whose outcome cannot be proved', () => {
  const asksOf = async (world: TestWorld, order: Order) =>
    (await world.log(order)).filter(({ type }) => type === 'order.review_needed');

  test('makes its order ask for a review once, which an operator finds in the log', async () => {
    const { log, lines } = recordingLog();
    const { world, order, attempt } = await submitted({ log });
    expect(await askForReview(world.engine, attempt)).toMatchObject({ needsReview: true });
    expect(await askForReview(world.engine, attempt)).toMatchObject({ needsReview: true });
    const { signature, signingSlot } = attempt;
    const reason = `No node's history reaches back to slot ${signingSlot}, where ${signature} was signed.`;
    expect(await asksOf(world, order)).toMatchObject([{ status: 'submitted', data: { reason } }]);
    const { orderId } = order.request;
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { orderId, signature } },
    ]);
  });

  test('asks for nothing when its order moved on, has another attempt, or is gone', async () => {
    const { world, order, attempt } = await submitted();
    expect(await askForReview(world.engine, { ...attempt, attemptNumber: 2 })).toBe('alreadyKnown');
    expect(await askForReview(world.engine, { ...attempt, orderId: toOrderId('unknown') })).toBe(
      'alreadyKnown',
    );
    await settleExpired(world.engine, attempt);
    expect(await askForReview(world.engine, attempt)).toBe('alreadyKnown');
    expect(await asksOf(world, order)).toEqual([]);
  });

  test('reads its order again when another process changed it meanwhile', async () => {
    const { world, order, attempt } = await submitted();
    const { orderId } = order.request;
    world.hooks.orders.meanwhile('transition', () => cancelOrder(world.engine, orderId), { times: 1 });
    expect(await askForReview(world.engine, attempt)).toMatchObject({
      needsReview: true,
      cancelRequested: true,
    });
    expect((await world.statuses(order)).slice(-2)).toEqual(['cancel_requested', 'review_needed']);
  });
});
