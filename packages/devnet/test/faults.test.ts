import type { KeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  fundedSigner,
  get,
  post,
  send,
  signed,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

let devnet: Devnet;
let payer: KeyPairSigner;
let count = 0n;

beforeEach(async () => {
  devnet = await startManualDevnet();
  payer = await fundedSigner(devnet);
});
afterEach(() => devnet.stop());

async function aTransaction() {
  count += 1n;
  return signed(devnet, payer, [transfer(payer, payer.address, count)]);
}

async function isLanded(signature: string): Promise<boolean> {
  await advance(devnet, 1);
  return (await statusOf(devnet, signature)) !== null;
}

async function clearFaults() {
  await fetch(`${devnet.url}/admin/faults`, { method: 'DELETE' });
}

describe('drop', () => {
  test('acknowledges the next sends and loses them, and a resend lands', async () => {
    await post(devnet, '/admin/faults', { drop: { next: 2 } });
    const sent = await aTransaction();
    expect((await send(devnet, sent.base64)).result).toBe(sent.signature);
    expect(await isLanded(sent.signature)).toBe(false);
    expect((await send(devnet, sent.base64)).result).toBe(sent.signature);
    expect(await isLanded(sent.signature)).toBe(false);
    await send(devnet, sent.base64);
    expect(await isLanded(sent.signature)).toBe(true);
    expect((await get(devnet, '/admin/faults')).body).toMatchObject({ drop: { next: 0, lost: 2 } });
  });

  test('loses a share of the sends, the same ones for the same seed', async () => {
    const outcomes: boolean[][] = [];
    for (let round = 0; round < 2; round += 1) {
      await post(devnet, '/admin/faults', { drop: { rate: 0.5, seed: 'x' } });
      const landed: boolean[] = [];
      for (let index = 0; index < 16; index += 1) {
        const sent = await aTransaction();
        await send(devnet, sent.base64);
        landed.push(await isLanded(sent.signature));
      }
      outcomes.push(landed);
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]).toContain(true);
    expect(outcomes[0]).toContain(false);
  });
});

describe('expire', () => {
  test('loses every send of the next signatures, and of no other', async () => {
    await post(devnet, '/admin/faults', { expire: { next: 1 } });
    const lost = await aTransaction();
    for (let resend = 0; resend < 3; resend += 1) {
      expect((await send(devnet, lost.base64)).result).toBe(lost.signature);
      expect(await isLanded(lost.signature)).toBe(false);
    }
    const other = await aTransaction();
    await send(devnet, other.base64);
    expect(await isLanded(other.signature)).toBe(true);
    await send(devnet, lost.base64);
    await advance(devnet, 151);
    expect(await isLanded(lost.signature)).toBe(false);
  });
});

test('no fault is left after DELETE', async () => {
  await post(devnet, '/admin/faults', { drop: { next: 100 }, expire: { next: 100 } });
  const sent = await aTransaction();
  await send(devnet, sent.base64);
  expect(await isLanded(sent.signature)).toBe(false);
  await clearFaults();
  await send(devnet, sent.base64);
  expect(await isLanded(sent.signature)).toBe(true);
});

test.each([
  [{ drop: { next: -1 } }],
  [{ drop: { rate: 2 } }],
  [{ expire: { next: 1.5 } }],
  [{ dorp: { next: 1 } }],
  [{ drop: { every: 1 } }],
  [[]],
  ['{'],
])('refuses %j with a problem that says what to send', async (body) => {
  const { status, body: problem } = await post(devnet, '/admin/faults', body);
  expect(status).toBe(400);
  expect(problem).toMatchObject({ status: 400, code: 'bad_body' });
  expect((problem as { hint: string }).hint).not.toBe('');
});
