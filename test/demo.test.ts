import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createScreen } from '../scripts/demo/screen.mjs';

const DEMO = fileURLToPath(new URL('../scripts/demo.mjs', import.meta.url));
const STEPS = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

test('the demo confirms five orders at once and shows each status and each routing decision', async () => {
  const demo = spawn(process.execPath, [DEMO], { env: { PATH: process.env.PATH } });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(demo, 'close');
  expect(code, output).toBe(0);
  expect(output).toMatch(/5 of 5 confirmed in \d/);
  const lines = output.split('\n').filter((line) => /^ +[\d.]+ s/.test(line));
  for (const name of ['#1', '#2', '#3', '#4', '#5']) {
    const own = lines.filter((line) => line.includes(name));
    const steps = own.map((line) => STEPS.find((step) => line.includes(step)));
    // The market moves, so an attempt may revert and be repeated in between.
    expect([...steps.slice(0, 2), ...steps.slice(-3)]).toEqual(STEPS);
    expect(own.at(-3)).toMatch(/building +[\w+-]+ at [\d.]+ \(.+\)$/);
  }
}, 60_000);

test('the demo reports an engine that does not answer, without a stack', async () => {
  const demo = spawn(process.execPath, [DEMO, '--url', 'http://127.0.0.1:9']);
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(demo, 'close');
  expect(code).toBe(1);
  expect(output).toMatch(/The demo ended: /);
  expect(output).not.toMatch(/\n {4}at /);
});

test('the screen draws every line again in place, and none is wider than the terminal', () => {
  const written: string[] = [];
  const terminal = { isTTY: true, columns: 60, write: (text: string) => written.push(text) };
  const screen = createScreen(
    [{ tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' }],
    terminal as unknown as typeof process.stdout,
  );
  screen.show(0, { type: 'order.routing', status: 'routing', data: { try: 1 } });
  const reason = 'a reason that is a good deal longer than the terminal is wide';
  screen.show(0, { type: 'order.failed', status: 'failed', data: { reason } });
  const plain = written.map((text) => stripVTControlCharacters(text));
  for (const line of plain.flatMap((text) => text.split('\n'))) expect(line.length).toBeLessThan(60);
  expect(plain[1]).toMatch(/failed +a reason that/);
  expect(plain[1]).toMatch(/1 of 1 done/);
  expect(written[1]).toContain('\u001b[2A'); // Up over the order and the count.
});

test('an offer that was as good as the chosen one is called equal', () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const order = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
  const screen = createScreen([order], stream as unknown as typeof process.stdout);
  const lost = (venue: string, behindBestBps: string) => ({ venue, outcome: 'lost', behindBestBps });
  const quotes = [{ outcome: 'chosen' }, lost('jupiter', '0'), lost('meteora', '1.25')];
  const route = { legs: [{ venue: 'raydium' }] };
  const data = { quotes, route, quotedPrice: '170' };
  screen.show(0, { type: 'order.building', status: 'building', data });
  expect(written.join('')).toContain('raydium at 170 (jupiter equal, meteora −1.25 bps)');
});
