import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';

const HELP = `npm run chaos -- [--orders 2000] [--seconds 300] [--seed 1] [--naive]

Two API processes, three workers, PostgreSQL, Redis and a local Solana of its own; processes are killed and stopped,
Redis is wiped, the chain's nodes fail. Ends with a report in JSON, and with 1 if anything was lost, doubled or missed.
--naive runs workers with a known mistake; then it is the doubles that are expected.`;

function wholeNumber(name: string, text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new Error(`--${name} must be a whole number from 1, not "${text}"`);
  return number;
}

try {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      naive: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(HELP);
  else {
    const report = await runChaos({
      orders: wholeNumber('orders', values.orders),
      seconds: wholeNumber('seconds', values.seconds),
      seed: wholeNumber('seed', values.seed),
      naive: values.naive,
    });
    console.log(JSON.stringify(report, null, 2));
    process.exitCode = report.violations.length > 0 ? 1 : 0;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
