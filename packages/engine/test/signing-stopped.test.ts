import { expect, test } from 'vitest';
import { stoppableSigner } from '../src/execution/proofs/gate-signer.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

test('a process that may not sign puts back its orders, takes up none, and no order loses a try', async () => {
  let mayTake = true;
  let maySign = false;
  const told = (may: boolean) => (may ? null : 'told to');
  const { log, lines } = recordingLog();
  const putBack = () => lines.filter(({ message }) => message === 'order put back unsigned').length;
  const world = await createWorld({
    log,
    limits: { maxTries: 1 },
    // The one below stops between an order's claim and its signature.
    signer: (signer) =>
      stoppableSigner(
        stoppableSigner(signer, () => told(maySign)),
        () => told(mayTake),
      ),
  });
  await world.start();
  const order = await world.submit();
  while (!(await world.statuses(order)).includes('building')) await world.slots(1);
  await world.slots(20);
  expect(putBack()).toBeGreaterThan(1);
  mayTake = false;
  const before = putBack();
  await world.slots(20);
  expect(putBack()).toBe(before);
  expect(new Set(await world.statuses(order))).toEqual(new Set(['pending', 'routing', 'building']));
  mayTake = true;
  maySign = true;
  await world.settle([order]);
  expect(await world.order(order)).toMatchObject({ status: 'confirmed', tryNumber: 1, attemptNumber: 1 });
  await world.stop();
});
