import { expect, test } from 'vitest';
import { BindingRefused, joinProcesses, leaveProcesses, readBinding, renewProcess } from './binding.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/pglite.ts';
import { rebind } from './rebind.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const LIVES_MS = 60_000;
const SECRET = 's'.repeat(32);
const ours = {
  genesisHash: 'ours',
  signer: { wallet: 'wallet', secret: SECRET },
  settings: { MAX_TRIES: '3', POOLS: '' },
};
const named = (processId: string) => ({ processId, description: `worker ${processId}` });

async function emptyDatabase() {
  const database = await createTestDatabase();
  await migrate(database.pool);
  return database;
}

await describeWithPostgres('the binding of a database', () => {
  test('is the one of the first process', async () => {
    const { pool, close } = await emptyDatabase();
    await joinProcesses(pool, ours, named('a'), LIVES_MS);
    expect(await joinProcesses(pool, ours, named('b'), LIVES_MS)).toEqual({ outcome: 'joined', revision: 1 });
    const join = (change: Partial<typeof ours>) =>
      joinProcesses(pool, { ...ours, ...change }, named('c'), LIVES_MS);
    await expect(join({ genesisHash: 'other' })).rejects.toThrow(/genesis hash\) ours.*has other.*--chain/);
    await expect(join({ signer: { wallet: 'thief', secret: SECRET } })).rejects.toThrow(
      /wallet wallet.*has thief/,
    );
    const error = await join({ signer: { wallet: 'wallet', secret: 't'.repeat(32) } }).catch((e: Error) => e);
    expect(error).toBeInstanceOf(BindingRefused);
    expect(String(error)).toContain('EXECUTION_SECRET');
    expect(String(error)).not.toMatch(/t{32}|s{32}|scrypt/);
    const { rows } = await pool.query('SELECT * FROM binding');
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    await close();
  });

  test('is one, however many processes start at once with different wallets', async () => {
    const { pool, close } = await emptyDatabase();
    const wallets = ['a', 'b', 'c', 'd', 'e', 'f'];
    const joins = await Promise.allSettled(
      wallets.map((wallet) =>
        joinProcesses(pool, { ...ours, signer: { wallet, secret: wallet } }, named(wallet), LIVES_MS),
      ),
    );
    expect(joins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = wallets[joins.findIndex(({ status }) => status === 'fulfilled')];
    expect((await readBinding(pool))?.wallet).toBe(winner);
    const { rows } = await pool.query('SELECT process_id FROM processes');
    expect(rows).toEqual([{ process_id: winner }]);
    await close();
  });

  test('gets its wallet from the first process that signs, if a process without a key came earlier', async () => {
    const { pool, close } = await emptyDatabase();
    const { signer, ...keyless } = ours;
    await joinProcesses(pool, keyless, named('api'), LIVES_MS);
    await joinProcesses(pool, ours, named('worker'), LIVES_MS);
    expect(await readBinding(pool)).toEqual({ revision: 1, genesisHash: 'ours', wallet: signer.wallet });
    await close();
  });

  test('has the settings of the live processes, and those of the next process when none is alive', async () => {
    const { pool, close } = await emptyDatabase();
    const changed = { ...ours, settings: { MAX_TRIES: '9', POOLS: 'somewhere' } };
    await joinProcesses(pool, ours, named('a'), LIVES_MS);
    const differs = await joinProcesses(pool, changed, named('b'), LIVES_MS);
    expect(differs).toMatchObject({
      outcome: 'differs',
      problem: expect.stringMatching(
        /^MAX_TRIES is 9 here and 3 there, POOLS is somewhere here and not set there: .*\(worker a\).*--settings$/,
      ),
    });
    await leaveProcesses(pool, 'a');
    expect(await joinProcesses(pool, changed, named('b'), LIVES_MS)).toEqual({
      outcome: 'joined',
      revision: 2,
    });
    // One that stood still meanwhile learns that it is not among them any more.
    expect(await renewProcess(pool, named('a'), LIVES_MS, 1)).toBe(false);
    expect(await renewProcess(pool, named('b'), LIVES_MS, 2)).toBe(true);
    await close();
  });

  test('a process that stops renewing counts as alive only until its announced end', async () => {
    const { pool, close } = await emptyDatabase();
    await joinProcesses(pool, ours, named('crashed'), LIVES_MS);
    const join = () =>
      joinProcesses(pool, { ...ours, settings: { MAX_TRIES: '1' } }, named('next'), LIVES_MS);
    expect((await join()).outcome).toBe('differs');
    await pool.query('UPDATE processes SET alive_until = now()');
    expect((await join()).outcome).toBe('joined');
    await close();
  });

  test('a renewal waits for a change in progress, and sees it', async () => {
    const { pool, close } = await emptyDatabase();
    await joinProcesses(pool, ours, named('a'), LIVES_MS);
    const client = await pool.connect();
    await client.query('BEGIN; UPDATE binding SET revision = revision + 1');
    const renewal = renewProcess(pool, named('a'), LIVES_MS, 1);
    expect(await Promise.race([renewal, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe(
      'waits',
    );
    await client.query('COMMIT');
    expect(await renewal).toBe(false);
    client.release();
    await close();
  });

  test('may change while no process is alive and no order is open; settings may change at any time', async () => {
    const { pool, close } = await emptyDatabase();
    await joinProcesses(pool, ours, named('a'), LIVES_MS);
    await expect(rebind(pool, { wallet: 'next' })).rejects.toThrow(/stop these processes first.*worker a/);
    await rebind(pool, { settings: { MAX_TRIES: '4' } });
    expect(await renewProcess(pool, named('a'), LIVES_MS, 1)).toBe(false);
    await leaveProcesses(pool, 'a');
    await insertOrder(pool, 'open', { due: true, awaitsFinality: false });
    await expect(rebind(pool, { wallet: 'next' })).rejects.toThrow('1 orders are open and 0 are confirmed');
    await pool.query('UPDATE orders SET due_at = NULL, awaits_finality = true');
    await expect(rebind(pool, { secret: 'next' })).rejects.toThrow('0 orders are open and 1 are confirmed');
    await expect(rebind(pool, { genesisHash: 'there' })).rejects.toThrow(BindingRefused);
    await pool.query('UPDATE orders SET awaits_finality = false');
    await rebind(pool, { wallet: 'next', secret: 'n'.repeat(32), genesisHash: 'there' });
    const next = {
      genesisHash: 'there',
      signer: { wallet: 'next', secret: 'n'.repeat(32) },
      settings: { MAX_TRIES: '4' },
    };
    await expect(joinProcesses(pool, ours, named('a'), LIVES_MS)).rejects.toThrow(BindingRefused);
    expect((await joinProcesses(pool, next, named('a'), LIVES_MS)).outcome).toBe('joined');
    await close();
  });
});

test("an embedded database is bound like a server's, and records no process", async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  await joinProcesses(pool, ours, named('a'), null);
  expect(
    (await joinProcesses(pool, { ...ours, settings: { MAX_TRIES: '5' } }, named('b'), null)).outcome,
  ).toBe('joined');
  const thief = { ...ours, signer: { wallet: 'thief', secret: SECRET } };
  await expect(joinProcesses(pool, thief, named('c'), null)).rejects.toThrow('bound to the wallet wallet');
  expect((await pool.query('SELECT FROM processes')).rows).toEqual([]);
  await close();
});

async function insertOrder(
  pool: Parameters<typeof rebind>[0],
  orderId: string,
  { due, awaitsFinality }: { due: boolean; awaitsFinality: boolean },
): Promise<void> {
  await pool.query(
    `INSERT INTO orders (order_id, account_id, fingerprint, mint_in, mint_out, request, status, sequence, attempt_number,
       state, due_at, awaits_finality)
     VALUES ($1, 'a', 'f', 'm', 'n', '{}', 'pending', 1, 0, '{}', CASE WHEN $2 THEN now() END, $3)`,
    [orderId, due, awaitsFinality],
  );
}
