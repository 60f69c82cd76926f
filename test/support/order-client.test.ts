import { expect, test } from 'vitest';
import { until } from './order-client.ts';

test('a wait that times out reports the last error, and a successful wait drops earlier errors', async () => {
  let looks = 0;
  const look = (): Promise<string> => {
    looks += 1;
    return Promise.reject(new Error(`look ${looks}`));
  };
  const failing = await until(look, 150).catch((error: Error) => error);
  expect(failing).toMatchObject({ message: `waited for 0.15 s: Error: look ${looks}` });
  expect(looks).toBeGreaterThan(1);
  await expect(until(() => Promise.resolve(undefined), 50)).rejects.toThrow('nothing was found');
  let isThere = false;
  const found = until(async () => {
    if (isThere) return 'it';
    isThere = true;
    throw new Error('not yet');
  });
  expect(await found).toBe('it');
});
