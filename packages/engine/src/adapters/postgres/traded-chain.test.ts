import { expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';
import { ForeignChain, requireSameChain } from './traded-chain.ts';

await describeWithPostgres('the chain of a database', () => {
  test('is the one of whoever started first, for ever', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    await Promise.all(Array.from({ length: 8 }, () => requireSameChain(pool, 'ours')));
    await expect(requireSameChain(pool, 'other')).rejects.toThrow(ForeignChain);
    await expect(requireSameChain(pool, 'other')).rejects.toThrow(/genesis ours.*genesis other/);
    await requireSameChain(pool, 'ours');
    await close();
  });

  test('is one, however many start at once on different ones', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    const chains = ['a', 'b', 'c', 'd'];
    const starts = await Promise.allSettled(chains.map((chain) => requireSameChain(pool, chain)));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await close();
  });
});
