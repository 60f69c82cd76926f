import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { machineFault } from '../machine-fault.ts';
import { EmbeddedDatabaseDown, type PgliteThread } from './pglite-thread.ts';
import { reviveOnFailure } from './revive-pglite.ts';

/** Takes every descriptor that becomes free, as waiting sockets do, until the database fails; then lets go of them. */
const OUT_OF_DESCRIPTORS = `
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
const { openPglite } = await import(process.argv[1]);
const directory = mkdtempSync(tmpdir() + '/out-of-descriptors-');
const { pool, close } = await openPglite(directory);
await pool.query('CREATE TABLE t (a integer PRIMARY KEY, b text)');
const held = [];
const grab = () => { try { for (;;) held.push(openSync('/dev/null')); } catch {} };
const acknowledged = [];
let failure;
for (let row = 0; row < 1000; row += 100)
  await pool.query("INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series($1::integer, $1::integer + 99) n", [row])
    .then(() => acknowledged.push(row));
const grabbing = setInterval(grab, 1);
for (let number = 0; number < 200 && !failure; number += 1) {
  grab();
  await pool.query('CREATE TABLE more_' + number + ' (a integer)').catch((error) => { failure = error; });
}
clearInterval(grabbing);
for (const descriptor of held) closeSync(descriptor);
for (;;) {
  try { await pool.query('INSERT INTO t VALUES (-1)'); break; }
  catch { await new Promise((resolve) => setTimeout(resolve, 100)); }
}
const { rows } = await pool.query('SELECT a FROM t WHERE a >= 0 AND a % 100 = 0 ORDER BY a');
const stored = rows.map(({ a }) => a);
console.log(JSON.stringify({ code: failure?.code, lost: acknowledged.filter((row) => !stored.includes(row)), count: acknowledged.length }));
await close();
rmSync(directory, { recursive: true });
`;

test('a database that ran out of file descriptors reopens by itself, with every acknowledged write', () => {
  const entry = new URL('./pglite.js', import.meta.url.replace('/src/', '/dist/')).href;
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', 'ulimit -n 400; exec node --input-type=module -e "$0" "$1"', OUT_OF_DESCRIPTORS, entry],
    { encoding: 'utf8', timeout: 170_000 },
  );
  expect(stderr).toBe('');
  const { code, lost, count } = JSON.parse(stdout);
  expect({ code, lost }).toEqual({ code: '57P02', lost: [] });
  expect(count).toBeGreaterThanOrEqual(10);
}, 180_000);

/** A thread that answers with its name until it fails. */
function threads() {
  const ended: number[] = [];
  let opened = 0;
  const open = (): PgliteThread & { fail(): void } => {
    opened += 1;
    const number = opened;
    let isFailing = false;
    return {
      ask: async () => {
        if (isFailing) throw new EmbeddedDatabaseDown('failed');
        return Uint8Array.of(number);
      },
      abandon: async () => void ended.push(number),
      close: async () => void ended.push(number),
      fail: () => {
        isFailing = true;
      },
    };
  };
  return { open, ended };
}

test('a failed thread is ended before the next one opens, and requests in between fail at once', async () => {
  const { open, ended } = threads();
  const first = open();
  let refusals = 1;
  const thread = reviveOnFailure(first, {
    open: async () => {
      expect(ended).toEqual([1]);
      if (refusals-- > 0) throw new Error('no space');
      return open();
    },
  });
  expect(await thread.ask(Uint8Array.of())).toEqual(Uint8Array.of(1));
  first.fail();
  await expect(thread.ask(Uint8Array.of())).rejects.toThrow('failed');
  await expect(thread.ask(Uint8Array.of())).rejects.toThrow('being opened again');
  await expect.poll(() => thread.ask(Uint8Array.of()).catch(() => null), { timeout: 10_000 }).not.toBeNull();
  await thread.close();
  expect(ended).toEqual([1, 2]);
});

test('an answer counts as failed for errors of the machine, and not for errors of a statement', () => {
  const message = (letter: string, body: string): Buffer => {
    const head = Buffer.alloc(5);
    head.write(letter, 0);
    head.writeUInt32BE(4 + body.length, 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const error = (severity: string, code: string) =>
    Buffer.concat([message('C', 'x'), message('E', `S${severity}\0V${severity}\0C${code}\0Mwhy\0\0`)]);
  expect(machineFault(error('ERROR', '23505'))).toBeNull();
  expect(machineFault(error('ERROR', '53100'))).toBe('53100: why');
  expect(machineFault(error('ERROR', '58030'))).toBe('58030: why');
  expect(machineFault(error('PANIC', 'XX000'))).toBe('XX000: why');
  expect(machineFault(Buffer.from([]))).toBeNull();
});
