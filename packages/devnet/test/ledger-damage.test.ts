import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { Chain } from '../src/chain/chain.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { LedgerDamaged } from '../src/ledger/ledger-damage.ts';
import { genesisHashOf, readIdentity } from '../src/ledger/ledger-identity.ts';
import { repairLedger } from '../src/ledger/repair-ledger.ts';
import {
  advance,
  fundedSigner,
  post,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  transfer,
} from './support/client.ts';
import { runMain, spawnDevnet } from './support/devnet-process.ts';

const LIMITS = { maxTransactions: 1_000, transactionsPerSegment: 4 };

let root: string;
let original: string;
let copies = 0;
/** Signatures in the order in which they were reported. */
let reported: string[];

beforeAll(async () => {
  await build();
  root = mkdtempSync(join(tmpdir(), 'ledger-damage-'));
  original = join(root, 'original');
  const ledgerDirectory = join(root, 'running');
  const devnet = await startManualDevnet({ ledgerDirectory, market: 'none', transactionsPerSegment: 4 });
  const order = { symbol: 'NEW', baseAmount: '1000000000000', quoteAmount: '100000000000' };
  const launched = await post(devnet, '/admin/launch', order);
  expect(launched.status).toBe(200);
  const payer = await fundedSigner(devnet);
  reported = [];
  for (let count = 0; count < 14; count += 1) {
    const to = await signerFrom(`receiver ${count}`);
    const sent = await signed(devnet, payer, [transfer(payer, to.address, 2_000_000n)]);
    await send(devnet, sent.base64);
    await advance(devnet, 1);
    reported.push(sent.signature);
  }
  await advance(devnet, 40);
  const late = await signed(devnet, payer, [transfer(payer, payer.address, 1n)]);
  await send(devnet, late.base64);
  await advance(devnet, 1);
  reported.push(late.signature);
  cpSync(ledgerDirectory, original, { recursive: true }); // As a kill leaves it: without the snapshot of a stop.
  await devnet.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copy(): string {
  copies += 1;
  const directory = join(root, `copy-${copies}`);
  cpSync(original, directory, { recursive: true });
  return directory;
}

/** Opens a ledger as a start does. Returns which of the reported transactions it has. */
function open(directory: string): string[] {
  const identity = readIdentity(directory)!;
  const { ledger } = Ledger.open({ directory, lock: null, limits: LIMITS }, (journal, vm, state) => {
    return new Chain({ genesisHash: genesisHashOf(identity), vm, journal, state, finalizedDepth: 32 });
  });
  const found = reported.filter((signature) => {
    const entry = ledger.history.find(signature);
    return entry !== undefined && ledger.read(entry).signature === signature;
  });
  ledger.close();
  return found;
}

function flip(path: string, offset: number, bit: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 1 << bit;
  writeFileSync(path, bytes);
}

/** Where the records of a journal begin. */
function recordsOf(path: string): number[] {
  const bytes = readFileSync(path);
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32LE(at)) starts.push(at);
  return starts;
}

const journals = () => readdirSync(original).filter((name) => name.endsWith('.journal'));

describe('a ledger with one flipped bit', () => {
  test('has several segments, and opens undamaged', () => {
    const names = readdirSync(original);
    expect(journals().length).toBeGreaterThanOrEqual(3);
    for (const kind of [/^snapshot-/, /\.index$/, /^head$/, /^ledger\.json$/])
      expect(names.some((name) => kind.test(name))).toBe(true);
    expect(open(copy())).toEqual(reported);
  });

  test('in any record of any journal is refused with the file and the byte where the record begins', () => {
    for (const name of journals()) {
      const starts = recordsOf(join(original, name));
      const chosen = [0, Math.floor(starts.length / 2), starts.length - 1];
      for (const index of new Set(chosen)) {
        const start = starts[index]!;
        const end = starts[index + 1] ?? readFileSync(join(original, name)).length;
        const positions = [0, 3, 7, 9, Math.floor((end - start) / 2), end - start - 1];
        for (const [step, position] of positions.entries()) {
          const directory = copy();
          const path = join(directory, name);
          const whole = readFileSync(path).length;
          flip(path, start + position, (step * 3 + index) % 8);
          expect(damageOf(directory)).toEqual({ path, offset: start });
          expect(readFileSync(path).length).toBe(whole);
          rmSync(directory, { recursive: true });
        }
      }
    }
  }, 240_000);

  test('in any other file is refused with the file, or loses no data', () => {
    const names = readdirSync(original).filter((name) => !name.endsWith('.journal') && name !== 'lock');
    const newestSnapshot = names
      .filter((name) => name.startsWith('snapshot-'))
      .sort()
      .at(-1)!;
    for (const name of names) {
      const { length } = readFileSync(join(original, name));
      const positions = [0, 9, 24, Math.floor(length / 3), Math.floor(length / 2), length - 1];
      for (const [step, position] of positions.filter((each) => each < length).entries()) {
        const directory = copy();
        flip(join(directory, name), position, (step * 5) % 8);
        const damage = damageOf(directory);
        if (damage) expect(damage.path).toBe(join(directory, name));
        else expect(open(directory)).toEqual(reported);
        if (name === newestSnapshot || name === 'head') expect(damage).not.toBeNull();
        rmSync(directory, { recursive: true });
      }
    }
  }, 240_000);
});

function damageOf(directory: string): { path: string; offset: number } | null {
  try {
    open(directory);
    return null;
  } catch (error) {
    if (!(error instanceof LedgerDamaged)) throw error;
    expect(error.message).toContain(`${error.path} is damaged at byte ${error.offset}`);
    return { path: error.path, offset: error.offset };
  }
}

describe('a ledger whose last write was cut off', () => {
  test('loses that record and nothing else, wherever the cut is', () => {
    const name = journals().sort().at(-1)!;
    const starts = recordsOf(join(original, name));
    const last = starts.at(-1)!;
    const { length } = readFileSync(join(original, name));
    for (const end of [last + 1, last + 7, last + 8, last + 9, Math.floor((last + length) / 2), length - 1]) {
      const directory = copy();
      truncateSync(join(directory, name), end);
      expect(open(directory)).toEqual(reported.slice(0, -1));
      expect(readFileSync(join(directory, name)).length).toBe(last);
    }
  });

  test('is refused when a file that is followed by another one ends too early, or is missing', () => {
    for (const name of journals().sort().slice(0, -1)) {
      const shorter = copy();
      truncateSync(join(shorter, name), recordsOf(join(original, name)).at(-1)!);
      expect(damageOf(shorter)?.path ?? open(shorter)).toBe(join(shorter, name));
    }
    for (const name of journals()) {
      const without = copy();
      rmSync(join(without, name));
      expect(damageOf(without)).toEqual({ path: join(without, name), offset: 0 });
    }
  });
});

test('a ledger of an earlier version, which recorded no oldest segment, reports a missing one from now on', () => {
  const directory = copy();
  const [first] = journals().sort();
  rmSync(join(directory, 'oldest-segment'));
  expect(open(directory)).toEqual(reported);
  rmSync(join(directory, first!));
  expect(damageOf(directory)?.path).toBe(join(directory, first!));
});

test('a ledger that has a directory in place of a file is refused with its name', () => {
  const newest = readdirSync(original)
    .filter((name) => name.startsWith('snapshot-'))
    .sort()
    .at(-1)!;
  for (const name of [newest, 'head', 'ledger.json', 'oldest-segment']) {
    const directory = copy();
    rmSync(join(directory, name));
    mkdirSync(join(directory, name));
    expect(damageOf(directory)?.path).toBe(join(directory, name));
  }
});

describe('a repair', () => {
  test('keeps the records before the damage, and keeps the discarded ones under another name', () => {
    const name = journals().sort().at(-1)!;
    const directory = copy();
    const second = recordsOf(join(original, name))[1]!;
    flip(join(directory, name), second + 20, 0);
    expect(repairLedger(directory).join()).toContain(`${name}, byte ${second}: cut off there`);
    const kept = open(directory);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept).toEqual(reported.slice(0, kept.length));
    expect(readdirSync(directory).some((each) => each.startsWith(`${name}.damaged-`))).toBe(true);
    expect(repairLedger(directory)).toEqual([]);
  });

  test('takes the snapshot before a damaged one, and loses nothing', () => {
    const directory = copy();
    const newest = readdirSync(original)
      .filter((name) => name.startsWith('snapshot-'))
      .sort()
      .at(-1)!;
    flip(join(directory, newest), 4_000, 1);
    expect(damageOf(directory)?.path).toBe(join(directory, newest));
    expect(repairLedger(directory).join()).toContain(`${newest} set aside`);
    expect(open(directory)).toEqual(reported);
  });

  test('lets history begin behind a first journal that is missing', () => {
    const directory = copy();
    const name = journals().sort()[0]!;
    rmSync(join(directory, name));
    expect(repairLedger(directory)).toEqual([`${name} is missing: its transactions are no longer found`]);
    const kept = open(directory);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept).toEqual(reported.slice(-kept.length));
    expect(repairLedger(directory)).toEqual([]);
  });

  test('ends the chain where a last journal began that is missing', () => {
    const directory = copy();
    const name = journals().sort().at(-1)!;
    rmSync(join(directory, name));
    expect(repairLedger(directory).join()).toContain(`${name} is missing: the chain ends where it began`);
    const kept = open(directory);
    expect(kept).toEqual(reported.slice(0, kept.length));
    expect(repairLedger(directory)).toEqual([]);
  });

  test('needs an option: the process refuses to start without --repair', async () => {
    const directory = copy();
    const name = journals().sort().at(-1)!;
    flip(join(directory, name), recordsOf(join(original, name))[0]! + 9, 2);
    const args = ['--port', '0', '--ledger', directory, '--market', 'none', '--slot-ms', 'manual'];
    const refused = await runMain(args);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`${join(directory, name)} is damaged at byte 0`);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    const repaired = await runMain([...args, '--repair']);
    expect([repaired.exitCode, repaired.stdout]).toEqual([0, expect.stringContaining('cut off there')]);
    const devnet = await spawnDevnet(args.slice(2));
    await devnet.kill();
  });
});
