import { expect, test } from 'vitest';
import { createGatedSigner } from '../src/adapters/signers/gated-signer.ts';
import { createWorld } from './support/world.ts';

test('a process that may not sign puts back what it had in hand, takes nothing up, and no try is lost by it', async () => {
  let mayTake = true;
  let maySign = false;
  const told = (may: boolean) => (may ? null : 'told to');
  const world = await createWorld({
    limits: { maxTries: 1 },
    signer: (signer) => ({
      ...createGatedSigner(signer, () => told(maySign)),
      whyNot: () => told(mayTake),
    }),
  });
  await world.start();
  const order = await world.submit();
  while (!(await world.statuses(order)).includes('building')) await world.slots(1);
  await world.slots(20);
  mayTake = false;
  await world.slots(20);
  expect(new Set(await world.statuses(order))).toEqual(new Set(['pending', 'routing', 'building']));
  mayTake = true;
  maySign = true;
  await world.settle([order]);
  expect(await world.order(order)).toMatchObject({ status: 'confirmed', tryNumber: 1, attemptNumber: 1 });
  await world.stop();
});
