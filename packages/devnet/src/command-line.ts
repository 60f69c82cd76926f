import { parseArgs } from 'node:util';
import type { MarketMood } from './genesis.ts';

export const HELP = `A local Solana: JSON-RPC and WebSocket on one port, real pools, a market, faults on demand.

Usage: npm run devnet -- [options]

  --port N              port of JSON-RPC and WebSocket; WebSocket also on N + 1; 0: any free one (8899)
  --node-2-port N       port where the second node is alone; 0: any free one (none)
  --host ADDRESS        address to listen on (127.0.0.1)
  --slot-ms N           length of a slot in milliseconds, 10 to 60000, or "manual" (400)
  --seed TEXT           decides the market (devnet)
  --market MOOD         none, calm or wild (calm)
  --accounts DIR        account dumps that a new ledger begins with (none)
  --ledger DIR          directory that keeps the chain (data/devnet)
  --allow-unlocked      go on where the ledger's directory cannot be locked against a second process
  --repair              cut a damaged ledger back to what can be read, and exit
  --keep N              landed transactions that are kept, 1000 to 999999 (200000)
  --ledger-id TEXT      names a new chain; the same name, seed and market give the same one (random)
  --swap-api-rpm N      requests per minute that the swap API answers one caller; 0 for no limit (0)
  --exit-with-parent    ignore SIGINT and SIGTERM, and exit when standard input closes
  --help                show this

See docs/devnet.md.
`;

export interface CommandLine {
  readonly port: number;
  readonly node2Port?: number;
  readonly host: string;
  readonly slotMs: number | 'manual';
  readonly seed: string;
  readonly market: MarketMood;
  readonly accountsDirectory?: string;
  readonly ledgerDirectory: string;
  readonly allowUnlocked: boolean;
  readonly repair: boolean;
  readonly maxTransactions: number;
  readonly ledgerId?: string;
  readonly swapRequestsPerMinute: number;
  readonly exitWithParent: boolean;
}

const MOODS: readonly string[] = ['none', 'calm', 'wild'] satisfies MarketMood[];
const MAX_SEED_LENGTH = 200;

/** Reads the flags, or `help`. @throws {Error} One line that names the flag. */
export function parseCommandLine(args: readonly string[]): CommandLine | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8899' },
      'node-2-port': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'slot-ms': { type: 'string', default: '400' },
      seed: { type: 'string', default: 'devnet' },
      market: { type: 'string', default: 'calm' },
      accounts: { type: 'string' },
      ledger: { type: 'string', default: 'data/devnet' },
      'allow-unlocked': { type: 'boolean', default: false },
      repair: { type: 'boolean', default: false },
      keep: { type: 'string', default: '200000' },
      'ledger-id': { type: 'string' },
      'swap-api-rpm': { type: 'string', default: '0' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { seed, market, accounts, ledger, host } = values;
  if (seed === '' || seed.length > MAX_SEED_LENGTH) {
    throw new Error(`--seed must be 1 to ${MAX_SEED_LENGTH} characters.`);
  }
  if (!MOODS.includes(market)) throw new Error(`--market must be none, calm or wild, not "${market}".`);
  if (accounts === '') throw new Error('--accounts must name a directory.');
  const node2Port = values['node-2-port'];
  const ledgerId = values['ledger-id'];
  if (ledgerId === '' || (ledgerId?.length ?? 0) > MAX_SEED_LENGTH) {
    throw new Error(`--ledger-id must be 1 to ${MAX_SEED_LENGTH} characters.`);
  }
  if (ledger === '') throw new Error('--ledger must name a directory.');
  if (host === '') throw new Error('--host must be an address.');
  return {
    port: parseWhole('--port', values.port, 0, 65_535),
    ...(node2Port !== undefined && { node2Port: parseWhole('--node-2-port', node2Port, 0, 65_535) }),
    host,
    slotMs:
      values['slot-ms'] === 'manual' ? 'manual' : parseWhole('--slot-ms', values['slot-ms'], 10, 60_000),
    seed,
    market: market as MarketMood,
    ...(accounts !== undefined && { accountsDirectory: accounts }),
    ledgerDirectory: ledger,
    allowUnlocked: values['allow-unlocked'],
    repair: values.repair,
    ...(ledgerId !== undefined && { ledgerId }),
    maxTransactions: parseWhole('--keep', values.keep, 1_000, 999_999),
    swapRequestsPerMinute: parseWhole('--swap-api-rpm', values['swap-api-rpm'], 0, 999_999),
    exitWithParent: values['exit-with-parent'],
  };
}

function parseWhole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${flag} must be a whole number from ${least} to ${most}, not "${text}".`);
}
