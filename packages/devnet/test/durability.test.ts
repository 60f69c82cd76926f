import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPairSigner } from '@solana/kit';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import {
  advance,
  balanceOf,
  blockhashOf,
  call,
  fundedSigner,
  get,
  post,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';
import { type DevnetProcess, runMain, spawnDevnet } from './support/devnet-process.ts';

const ROUNDS = 20;

let directory: string;
const children: DevnetProcess[] = [];

beforeAll(async () => {
  await build();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devnet-test-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  rmSync(directory, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<DevnetProcess> {
  const child = await spawnDevnet(['--ledger', directory, ...args]);
  children.push(child);
  return child;
}

/** Sends transfers of 1, 2, 3 … lamports over a minimum until told to stop; notes what was reported as processed. */
async function keepSending(devnet: DevnetProcess, payer: KeyPairSigner, reported: Map<string, bigint>) {
  const running = { isStopped: false };
  const done = (async () => {
    for (let count = 0; !running.isStopped; count += 1) {
      try {
        const to = await signerFrom(`${payer.address} ${reported.size} ${count}`);
        const sent = await signed(devnet, payer, [transfer(payer, to.address, 1_000_000n + BigInt(count))]);
        await send(devnet, sent.base64);
        for (let poll = 0; poll < 50 && !running.isStopped; poll += 1) {
          const status = await statusOf(devnet, sent.signature);
          if (status?.err === null) {
            reported.set(sent.signature, 1_000_000n + BigInt(count));
            break;
          }
          await sleep(5);
        }
      } catch {
        return; // It was killed under us.
      }
    }
  })();
  return {
    async stop() {
      running.isStopped = true;
      await done;
    },
  };
}

/** As many as one call takes at once. */
async function expectAllKnown(devnet: DevnetProcess, signatures: readonly string[]): Promise<void> {
  for (let from = 0; from < signatures.length; from += 256) {
    const page = signatures.slice(from, from + 256);
    const { result } = await call(devnet, 'getSignatureStatuses', [page, { searchTransactionHistory: true }]);
    const lost = page.filter((_, index) => result.value[index]?.err !== null);
    expect(lost).toEqual([]);
  }
}

describe('after SIGKILL', () => {
  test(
    'nothing that was reported as processed is lost, and balances agree',
    async () => {
      const reported = new Map<string, bigint>();
      let payer: KeyPairSigner | null = null;
      let genesisHash: string | null = null;
      let last = { slot: 0, height: 0, blockhash: '' };
      for (let round = 0; round < ROUNDS; round += 1) {
        const devnet = await start('--slot-ms', '10', '--market', 'wild');
        genesisHash ??= devnet.genesisHash;
        expect(devnet.genesisHash).toBe(genesisHash);
        payer ??= await fundedSigner(devnet, 1_000_000_000_000n);
        const { result: info } = await call(devnet, 'getEpochInfo', [{ commitment: 'processed' }]);
        expect(info.absoluteSlot).toBeGreaterThanOrEqual(last.slot);
        expect(info.blockHeight).toBeGreaterThanOrEqual(last.height);
        if (last.blockhash !== '' && info.blockHeight < last.height + 100) {
          const known = await call(devnet, 'isBlockhashValid', [last.blockhash, { commitment: 'processed' }]);
          expect(known.result.value).toBe(true);
        }
        await expectAllKnown(devnet, [...reported.keys()]);
        const senders = await Promise.all([
          keepSending(devnet, payer, reported),
          keepSending(devnet, await fundedSigner(devnet), reported),
        ]);
        await sleep(150 + (round % 5) * 37); // At another place of a segment, a block, a write each time.
        const { result } = await call(devnet, 'getEpochInfo', [{ commitment: 'processed' }]);
        const { blockhash } = await blockhashOf(devnet, 'processed');
        last = { slot: result.absoluteSlot, height: result.blockHeight, blockhash };
        await devnet.kill();
        await Promise.all(senders.map((sender) => sender.stop()));
      }

      const devnet = await start('--slot-ms', '10', '--market', 'wild');
      expect(reported.size).toBeGreaterThan(ROUNDS);
      for (const [signature, amount] of reported) {
        const { result } = await call(devnet, 'getTransaction', [
          signature,
          { commitment: 'confirmed', maxSupportedTransactionVersion: 0 },
        ]);
        const [, recipient] = result.transaction.message.accountKeys;
        expect(await balanceOf(devnet, recipient)).toBe(amount);
      }
      const { result: landed } = await call(devnet, 'getSignaturesForAddress', [
        payer!.address,
        { commitment: 'confirmed' },
      ]);
      let spent = 0n;
      for (const { signature } of landed) {
        const { result } = await call(devnet, 'getTransaction', [
          signature,
          { commitment: 'confirmed', maxSupportedTransactionVersion: 0 },
        ]);
        spent += BigInt(result.meta.preBalances[0]) - BigInt(result.meta.postBalances[0]);
      }
      expect(await balanceOf(devnet, payer!.address)).toBe(1_000_000_000_000n - spent);
    },
    ROUNDS * 10_000,
  );

  test('funded balances are kept', async () => {
    const first = await start('--slot-ms', '10', '--market', 'none');
    const payer = await fundedSigner(first, 77_000_000n);
    await first.kill();
    const second = await start('--slot-ms', '10', '--market', 'none');
    expect(await balanceOf(second, payer.address, 'finalized')).toBe(77_000_000n);
  });
});

describe('a restart', () => {
  test('cuts off a record that was only half written', async () => {
    const options = { ledgerDirectory: directory };
    const first = await start('--slot-ms', 'manual', '--market', 'none');
    const payer = await fundedSigner(first);
    const amounts = [1_000_000n, 2_000_000n];
    const sent = [];
    for (const amount of amounts) {
      const to = await signerFrom(`half written ${amount}`);
      const one = await signed(first, payer, [transfer(payer, to.address, amount)]);
      await send(first, one.base64);
      await advance(first, 1);
      sent.push(one.signature);
    }
    await first.kill();
    const journal = join(directory, readdirSync(directory).find((name) => name.endsWith('.journal'))!);
    truncateSync(journal, statSync(journal).size - 7);

    const second = await startManualDevnet(options);

    expect(await statusOf(second, sent[0]!)).toMatchObject({ err: null });
    expect(await statusOf(second, sent[1]!)).toBeNull();
    expect(await balanceOf(second, (await signerFrom('half written 1000000')).address)).toBe(1_000_000n);
    expect(await balanceOf(second, (await signerFrom('half written 2000000')).address)).toBe(0n);
    await second.stop();
  });

  test('continues with clocks, blockhashes, statuses and balances, and refuses to execute twice', async () => {
    const options = { ledgerDirectory: directory };
    const first = await startManualDevnet(options);
    const payer = await fundedSigner(first, 10_000_000_000n);
    const to = (await signerFrom('restart')).address;
    const sent = await signed(first, payer, [transfer(payer, to, 1_000_000_000n)]);
    await send(first, sent.base64);
    await advance(first, 1);
    const before = await get(first, '/admin/status');
    await first.stop();

    const second = await startManualDevnet(options);

    expect((await get(second, '/admin/status')).body).toEqual(before.body);
    expect(await balanceOf(second, to, 'processed')).toBe(1_000_000_000n);
    expect(await balanceOf(second, to, 'confirmed')).toBe(0n);
    await send(second, sent.base64);
    await advance(second, 1);
    expect(await balanceOf(second, to)).toBe(1_000_000_000n);
    expect(await statusOf(second, sent.signature)).toMatchObject({ confirmationStatus: 'confirmed' });
    await second.stop();
  });

  test('needs few bytes for an idle chain', async () => {
    const devnet = await startManualDevnet({ ledgerDirectory: directory });
    await post(devnet, '/admin/advance', { slots: 2_000 });
    const journal = readdirSync(directory).find((name) => name.endsWith('.journal'))!;
    expect(statSync(join(directory, journal)).size).toBeLessThan(100);
    const { result } = await call(devnet, 'getBlockHeight', [{ commitment: 'processed' }]);
    await devnet.stop();
    const again = await startManualDevnet({ ledgerDirectory: directory });
    expect((await call(again, 'getBlockHeight', [{ commitment: 'processed' }])).result).toBe(result);
    await again.stop();
  });

  test('refuses the ledger of another seed', async () => {
    const devnet = await startManualDevnet({ ledgerDirectory: directory, seed: 'one' });
    await devnet.stop();
    await expect(startManualDevnet({ ledgerDirectory: directory, seed: 'two' })).rejects.toThrow(
      /has seed one and market none, not two and none/,
    );
  });

  test('gives the same chain for the same seed, name and time', async () => {
    const options = { market: 'calm', ledgerId: 'same', createdAtMs: 1_750_000_000_000 } as const;
    const hashes = [];
    for (let count = 0; count < 2; count += 1) {
      const devnet = await startManualDevnet(options);
      await advance(devnet, 40);
      hashes.push((await blockhashOf(devnet, 'processed')).blockhash);
      await devnet.stop();
    }
    expect(hashes[0]).toBe(hashes[1]);
  });
});

describe('the process', () => {
  test('refuses a ledger that another process uses', async () => {
    const first = await start('--market', 'none');
    const { exitCode, stderr } = await runMain(['--port', '0', '--ledger', directory, '--market', 'none']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`is in use by process ${first.child.pid}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('with --exit-with-parent, ignores signals and ends cleanly when its input closes', async () => {
    const first = await start('--exit-with-parent', '--market', 'none', '--slot-ms', '10');
    const payer = await fundedSigner(first, 5_000_000n);
    first.child.kill('SIGINT');
    first.child.kill('SIGTERM');
    await sleep(100);
    expect((await call(first, 'getHealth')).result).toBe('ok');
    expect(await first.closeInput()).toBe(0);
    const second = await start('--exit-with-parent', '--market', 'none', '--slot-ms', '10');
    expect(await balanceOf(second, payer.address)).toBe(5_000_000n);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly at %s', async (signal) => {
    const first = await start('--market', 'none');
    const ended = new Promise((resolve) => first.child.once('exit', resolve));
    first.child.kill(signal);
    expect(await ended).toBe(0);
  });

  test('ends when it cannot start, though its parent still lives', async () => {
    await start('--market', 'none');
    const { exitCode } = await runMain(['--exit-with-parent', '--port', '0', '--ledger', directory]);
    expect(exitCode).toBe(1);
  });

  test('says in one line that its port is taken', async () => {
    const first = await startManualDevnet();
    const { port } = new URL(first.url);
    const { exitCode, stderr } = await runMain(['--port', port, '--ledger', directory, '--market', 'none']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`address already in use 127.0.0.1:${port}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    await first.stop();
  });

  /** Two devnets, the second on the port just below the first's; any port may be taken, so it looks for a free one. */
  async function startBelowAnother(onWarning: (message: string) => void) {
    for (let tries = 1; ; tries += 1) {
      const first = await startManualDevnet();
      const port = Number(new URL(first.url).port) - 1;
      try {
        return { first, port, second: await startManualDevnet({ port, onWarning }) };
      } catch (error) {
        await first.stop();
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 10) throw error;
      }
    }
  }

  test('starts with a warning when only the next port is taken', async () => {
    const warnings: string[] = [];
    const { first, second, port } = await startBelowAnother((message) => warnings.push(message));
    expect(warnings).toEqual([expect.stringContaining(`WebSocket is served on port ${port} only`)]);
    expect((await call(second, 'getHealth')).result).toBe('ok');
    await second.stop();
    await first.stop();
  });

  test.each([
    [['--port', '70000'], '--port must be a whole number from 0 to 65535'],
    [['--slot-ms', '5'], '--slot-ms must be a whole number from 10 to 60000'],
    [['--market', 'bull'], '--market must be none, calm or wild'],
    [['--seed', ''], '--seed must be 1 to 200 characters'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
  ])('refuses %j in one line', async (args, message) => {
    const { exitCode, stderr, stdout } = await runMain([...args, '--ledger', directory]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });

  test('explains its flags', async () => {
    const { exitCode, stdout } = await runMain(['--help']);
    expect(exitCode).toBe(0);
    for (const flag of ['--port', '--slot-ms', '--seed', '--ledger', '--market', '--exit-with-parent']) {
      expect(stdout).toContain(flag);
    }
  });
});
