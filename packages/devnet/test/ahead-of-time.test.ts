import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Devnet, startDevnet } from '../src/index.ts';
import { advance, call, post, startManualDevnet } from './support/client.ts';

let devnet: Devnet;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  devnet = await startManualDevnet();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await devnet.stop();
});

const node = (number: number) => devnet.nodes[number - 1]!;
const slotOf = async (number: number): Promise<number> =>
  (await call({ url: `${node(number).url}?` }, 'getSlot', [{ commitment: 'processed' }])).result;

/** Slots that a node's own socket tells of. */
async function listen(number: number): Promise<number[]> {
  const heard: number[] = [];
  const socket = new WebSocket(node(number).wsUrl);
  sockets.push(socket);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('{"jsonrpc":"2.0","id":1,"method":"slotSubscribe"}');
  await new Promise((resolve) => socket.once('message', resolve));
  socket.on('message', (data) => heard.push(JSON.parse(String(data)).params.result.slot));
  return heard;
}

describe('a node whose numbers are too high', () => {
  test('adds the slots to one answer of one method, and the other node adds none', async () => {
    const { slot } = devnet;
    await post(devnet, '/admin/faults', { ahead: { next: 1, slots: 1_000, methods: ['getSlot'] } });
    expect(await slotOf(2)).toBe(slot);
    const { context } = (await call(devnet, 'getLatestBlockhash', [{ commitment: 'processed' }])).result;
    expect(context.slot).toBe(slot);
    expect(await slotOf(1)).toBe(slot + 1_000);
    expect(await slotOf(1)).toBe(slot);
  });

  test('adds to every slot and height, up to the largest exact number', async () => {
    const before = (await call(devnet, 'getEpochInfo', [{ commitment: 'finalized' }])).result;
    await post(devnet, '/admin/faults', {
      node: 2,
      ahead: { rate: 1, slots: 9_000_000_000_000, blocks: 500 },
    });
    const second = { url: `${node(2).url}?` };
    const after = (await call(second, 'getEpochInfo', [{ commitment: 'finalized' }])).result;
    expect(after.absoluteSlot).toBe(before.absoluteSlot + 9_000_000_000_000);
    expect(after.blockHeight).toBe(before.blockHeight + 500);
    const { context, value } = (await call(second, 'getLatestBlockhash', [])).result;
    expect(context.slot).toBe(before.absoluteSlot + 9_000_000_000_000);
    expect(value.lastValidBlockHeight).toBe(before.blockHeight + 500 + 150);
    expect(await slotOf(1)).toBe(devnet.slot);
    await fetch(`${devnet.url}/admin/faults`, { method: 'DELETE' });
    expect(await slotOf(2)).toBe(devnet.slot);
  });

  test('adds the slots to one notification of its sockets, and the other node adds none', async () => {
    const [first, second] = [await listen(1), await listen(2)];
    const { slot } = devnet;
    await post(devnet, '/admin/faults', { node: 2, socketAhead: { next: 1, slots: 1_000 } });
    await advance(devnet, 2);
    await expect.poll(() => [first.length, second.length]).toEqual([2, 2]);
    expect(second[0]! - first[0]!).toBe(1_000);
    expect(second[1]).toBe(first[1]);
    expect(first[0]).toBeGreaterThan(slot);
  });

  test('is refused when the number of slots is negative, fractional, too large or missing', async () => {
    for (const ahead of [{ slots: -1 }, { slots: 1.5 }, { slots: 1e16 }, { seconds: 1 }])
      expect((await post(devnet, '/admin/faults', { ahead: { next: 1, ...ahead } })).status).toBe(400);
  });
});

test('the second node has a path and, when one is configured, a separate port', async () => {
  expect(node(1)).toEqual({ url: devnet.url, wsUrl: devnet.wsUrl });
  expect(node(2)).toEqual({ url: `${devnet.url}/node/2`, wsUrl: `${devnet.wsUrl}/node/2` });
  const other = await startDevnet({ port: 0, node2Port: 0, slotMs: 'manual', market: 'none' });
  try {
    const second = other.nodes[1]!;
    expect(new URL(second.url).port).not.toBe(new URL(other.url).port);
    await post(other, '/admin/faults', { node: 2, ahead: { rate: 1, slots: 7 } });
    const slots = [other.url, second.url, `${second.url}/node/1`, `${other.url}/node/2`].map(
      async (url) => (await call({ url: `${url}?` }, 'getSlot', [{ commitment: 'processed' }])).result,
    );
    const { slot } = other;
    expect(await Promise.all(slots)).toEqual([slot, slot + 7, slot, slot + 7]);
  } finally {
    await other.stop();
  }
});
