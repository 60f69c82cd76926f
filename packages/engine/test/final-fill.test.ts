import { describe, expect, test } from 'vitest';
import { toWireOrder } from '../src/api/wire.ts';
import type { Order } from '../src/domain/order.ts';
import type { FillRecord } from '../src/domain/order-event.ts';
import type { Signature } from '../src/domain/signature.ts';
import type { ChainNode, LandedTransaction, SignatureStatus } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

type Lie = (landed: LandedTransaction) => LandedTransaction;

const NAMES = ['one', 'two', 'three'];

/** A started engine over so many nodes, of which the first lies about landed transactions as it is told. */
async function createLiarWorld(nodes: number) {
  const { log, lines } = recordingLog();
  const told: { lie: Lie; status: (status: SignatureStatus) => SignatureStatus } = {
    lie: (landed) => landed,
    status: (status) => status,
  };
  const asked: string[] = [];
  const lying = (node: ChainNode, name: string): ChainNode =>
    lyingNode(node, {
      name,
      async transaction(signature, commitment) {
        asked.push(`${name} ${commitment}`);
        const landed = await node.transaction(signature, commitment);
        return landed && name === 'one' ? told.lie(landed) : landed;
      },
      async signatureStatuses(...question) {
        const { contextSlot, statuses } = await node.signatureStatuses(...question);
        const shown = (status: SignatureStatus | null) => status && told.status(status);
        return { contextSlot, statuses: name === 'one' ? statuses.map(shown) : statuses };
      },
    });
  const world = await createWorld({
    log,
    nodes: ({ chain }) => NAMES.slice(0, nodes).map((name) => lying(chain.anyNode, name)),
  });
  await world.start();
  const fillOf = async (order: Order, type: 'order.confirmed' | 'order.finalized') =>
    (await world.log(order)).find((event) => event.type === type)?.data as
      | (FillRecord & { corrects?: string[] })
      | undefined;
  return { world, told, asked, lines, fillOf };
}

const dearer: Lie = (landed) => ({ ...landed, feeLamports: landed.feeLamports * 2n });

describe('a landed transaction', () => {
  test.each([
    [1, { 'one confirmed': 20, 'one finalized': 20 }],
    [2, { 'one confirmed': 20, 'two finalized': 20 }],
    [3, { 'one confirmed': 20, 'two finalized': 20 }],
  ])('is read twice in a world of %s nodes, from two of them if there are two', async (nodes, readings) => {
    const { world, asked } = await createLiarWorld(nodes);
    const orders = await Promise.all(Array.from({ length: 20 }, () => world.submit()));
    await world.settle(orders);
    await world.slots(45);
    for (const order of orders) expect((await world.order(order)).finalized).toBe(true);
    const counts: Record<string, number> = {};
    for (const question of asked) counts[question] = (counts[question] ?? 0) + 1;
    expect(counts).toEqual(readings);
    await world.stop();
  });
});

describe('a wrong reading', () => {
  test.each<[string, Lie, string[]]>([
    ['fee', dearer, ['fees']],
    ['slot', (landed) => ({ ...landed, slot: landed.slot + 1n }), ['slot']],
    [
      'output',
      ({ tokens, ...landed }) => ({
        ...landed,
        tokens: (address) => {
          const held = tokens(address);
          return held && held.after < held.before ? { ...held, after: held.after - 1n } : held;
        },
      }),
      ['amountOut', 'executedPrice'],
    ],
  ])('of the %s at the landing is corrected when it is final', async (_, lie, corrects) => {
    const { world, told, lines, fillOf } = await createLiarWorld(2);
    told.lie = lie;
    const order = await world.submit();
    await world.settle([order]);
    told.lie = (landed) => landed;
    await world.slots(45);
    const confirmed = await fillOf(order, 'order.confirmed');
    const { corrects: corrected, ...final } = (await fillOf(order, 'order.finalized'))!;
    expect(corrected).toEqual(corrects);
    for (const field of corrects as (keyof FillRecord)[])
      expect(final[field]).not.toEqual(confirmed?.[field]);
    expect(lines).toContainEqual({
      level: 'warn',
      message: 'fill corrected',
      fields: expect.objectContaining({
        orderId: order.request.orderId,
        confirmedBy: 'one',
        finalBy: ['one', 'two'],
        corrects,
        final,
      }),
    });
    await world.stop();
  });

  test('that lasts keeps the order from being final while there are two nodes', async () => {
    const { world, told, lines, fillOf } = await createLiarWorld(2);
    told.lie = dearer;
    const order = await world.submit();
    await world.settle([order]);
    await world.slots(300); // Two minutes: lateness is no excuse for a contradiction.
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', finalized: false });
    const { orderId } = order.request;
    const dispute = {
      level: 'warn',
      message: 'nodes disagree about the outcome, slot, fee or amounts',
      fields: {
        orderId,
        signature: (await world.order(order)).signature,
        shown: {
          one: expect.objectContaining({ fees: expect.objectContaining({ network: '0.00001' }) }),
          two: expect.objectContaining({ fees: expect.objectContaining({ network: '0.000005' }) }),
        },
      },
    };
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([dispute]);
    told.lie = (landed) => landed;
    await world.slots(5);
    expect(await fillOf(order, 'order.finalized')).toMatchObject({ corrects: ['fees'] });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'disputed outcome proven' }),
    );
    await world.stop();
  });

  test('is not final because the second node is away for a while', async () => {
    const { world, told, fillOf } = await createLiarWorld(2);
    told.lie = dearer;
    const order = await world.submit();
    await world.settle([order]);
    world.cutsOff('two');
    await world.slots(100); // 40 s.
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', finalized: false });
    world.reconnects('two');
    told.lie = (landed) => landed;
    await world.slots(5);
    expect(await fillOf(order, 'order.finalized')).toMatchObject({ corrects: ['fees'] });
    await world.stop();
  });

  test('is outvoted by two other nodes', async () => {
    const { world, told, fillOf } = await createLiarWorld(3);
    told.lie = dearer;
    const order = await world.submit();
    await world.settle([order]);
    await world.slots(45);
    expect(await fillOf(order, 'order.confirmed')).toMatchObject({ fees: { network: '0.00001' } });
    expect(await fillOf(order, 'order.finalized')).toMatchObject({
      ...{ fees: { network: '0.000005' }, corrects: ['fees'] },
    });
    await world.stop();
  });

  test('that another process wrote is corrected too', async () => {
    const { world, told, fillOf } = await createLiarWorld(2);
    told.lie = dearer;
    const order = await world.submit();
    await world.settle([order]);
    await world.crash();
    told.lie = (landed) => landed;
    await world.slots(45);
    expect(await fillOf(order, 'order.finalized')).toMatchObject({ corrects: ['fees'] });
    await world.stop();
  });
});

describe('a swap that the first node shows as a revert', () => {
  const error = { kind: 'other', text: 'invented' } as const;

  test.each(['confirmed', 'finalized'] as const)(
    'at %s holds the order meanwhile, and the log says once what both nodes show',
    async (commitment) => {
      const { world, told, lines } = await createLiarWorld(2);
      told.status = (status) => ({ ...status, commitment, error });
      told.lie = (landed) => ({ ...landed, error });
      const order = await world.submit();
      await world.slots(300);
      const held = await world.order(order);
      expect(held.status).toBe('submitted');
      expect(toWireOrder(held, world.clock.now()).reconciling).toBe(true);
      expect(lines.filter(({ level }) => level !== 'info')).toEqual([
        {
          level: 'warn',
          message: 'outcome of a transaction in a block not proven',
          fields: {
            orderId: order.request.orderId,
            signature: held.signature,
            shown: {
              one: { status: `${commitment}, reverted: invented`, transaction: 'reverted: invented' },
              two: { status: 'finalized, no error', transaction: 'no error' },
            },
          },
        },
      ]);
      told.status = (status) => status;
      told.lie = (landed) => landed;
      await world.slots(45);
      expect(await world.order(order)).toMatchObject({ status: 'confirmed', finalized: true });
      expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'disputed outcome proven' });
      await world.stop();
    },
  );
});

describe('a revert that the first node shows as a swap', () => {
  /** Its transaction moved nothing; the node invents the amounts of a good swap. */
  async function inventedSwap(nodes: number) {
    const { world, told, ...rest } = await createLiarWorld(nodes);
    const order = await world.submit({ slippageBps: 10 });
    while ((await world.order(order)).status !== 'submitted') await world.clock.advance(1);
    const [attempt] = await world.engine.orders.attempts(order.request.orderId);
    const { vaultsIn, vaultsOut } = attempt!.fillAccounts;
    world.priceFalls('5 %');
    told.status = (status) => ({ ...status, error: null });
    told.lie = (landed) =>
      landed.signature !== (attempt!.signature as Signature)
        ? landed
        : {
            ...landed,
            error: null,
            lamports: () => ({ before: 2_000_000_000n, after: 999_995_000n }),
            tokens: (address) => {
              if (vaultsIn.includes(address)) return { before: 0n, after: 1_000_000_000n };
              if (vaultsOut.includes(address)) return { before: 150_000_000n, after: 0n };
              return landed.tokens(address);
            },
          };
    await world.slots(5);
    expect((await world.order(order)).status).toBe('confirmed');
    await world.slots(45);
    return { world, order, ...rest };
  }

  test('is found by two other nodes, and the order goes on with its next try', async () => {
    const { world, order } = await inventedSwap(3);
    const types = await world.statuses(order);
    expect(types.slice(4, 7)).toEqual(['confirmed', 'reorged', 'routing']);
    const next = (await world.log(order)).find(({ data }) => 'cause' in data);
    expect(next?.data).toMatchObject({ try: 2, cause: { code: 'slippage_exceeded' } });
    const [first] = await world.engine.orders.attempts(order.request.orderId);
    expect(first?.state).toBe('reverted');
    await world.stop();
  });

  test('is never final while there are two nodes', async () => {
    const { world, order } = await inventedSwap(2);
    await world.slots(300);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', finalized: false });
    await world.stop();
  });
});
