import { expect, test } from 'vitest';
import { generateSecretKey } from '../src/adapters/signers/ed25519-key.ts';
import { createKeypairSigner } from '../src/adapters/signers/keypair-signer.ts';
import { toOrderId } from '../src/domain/order.ts';
import { toMint } from '../src/domain/token.ts';
import { gateSigner, stoppableSigner } from '../src/execution/proofs/gate-signer.ts';
import { type Signer, SigningStopped } from '../src/ports/signer.ts';

test('a stopped signer signs nothing and names the reason, and its address and receipt seeds stay', async () => {
  const signer = createKeypairSigner({ secretKey: generateSecretKey(), inspectors: [] });
  let reason: string | null = 'the binding was changed';
  const gated: Signer = stoppableSigner(signer, () => reason);
  const policy = { action: 'close', receipts: [] } as const;
  const refusal = await gated.signReceipts(new Uint8Array(), policy).catch((error: Error) => error);
  expect(refusal).toBeInstanceOf(SigningStopped);
  expect(String(refusal)).toContain('Nothing is signed now: the binding was changed.');
  await expect(
    gated.sign(new Uint8Array(), {
      orderId: toOrderId('o'),
      mintIn: toMint('a'),
      mintOut: toMint('b'),
      maxAmountIn: 1n,
      minAmountOut: 1n,
    }),
  ).rejects.toThrow(SigningStopped);
  expect(gated.address).toBe(signer.address);
  expect(await gated.receiptSeed(toOrderId('order'))).toBe(await signer.receiptSeed(toOrderId('order')));
  reason = null;
  await expect(gated.signReceipts(new Uint8Array(), policy)).rejects.toThrow('was not signed');
});

test('an open gate reports the reason of a closed gate below it', () => {
  const signer = createKeypairSigner({ secretKey: generateSecretKey(), inspectors: [] });
  const gated = gateSigner(
    stoppableSigner(signer, () => 'told to'),
    () => {},
  );
  expect(gated.whyNot?.()).toBe('told to');
});
