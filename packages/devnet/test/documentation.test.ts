import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HELP } from '../src/command-line.ts';
import { SCENARIO_NAMES } from '../src/faults/scenarios.ts';
import { MARKET_POOLS } from '../src/market/pools.ts';
import { MARKET_TOKENS } from '../src/market/tokens.ts';
import { UNSUBSCRIBES, WISHES } from '../src/pubsub/wishes.ts';
import { REFUSED, SERVED } from '../src/rpc/method-table.ts';

const text = readFileSync(fileURLToPath(new URL('../../../docs/devnet.md', import.meta.url)), 'utf8');
const page = text.replaceAll(/ +\|/g, ' |'); // Tables may be padded.
const source = fileURLToPath(new URL('../src/', import.meta.url));

/** What a pattern's group finds in all sources of a folder. */
function named(folder: string, pattern: RegExp): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(source + folder)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    for (const match of readFileSync(`${source}${folder}/${file}`, 'utf8').matchAll(pattern))
      found.add(match[1]!);
  }
  return [...found].sort();
}

/** All that https://solana.com/docs/rpc lists for Agave 3.0. */
const AGAVE_METHODS = `
  getAccountInfo getBalance getBlock getBlockCommitment getBlockHeight getBlockProduction getBlocks getBlocksWithLimit
  getBlockTime getClusterNodes getEpochInfo getEpochSchedule getFeeForMessage getFirstAvailableBlock getGenesisHash
  getHealth getHighestSnapshotSlot getIdentity getInflationGovernor getInflationRate getInflationReward
  getLargestAccounts getLatestBlockhash getLeaderSchedule getMaxRetransmitSlot getMaxShredInsertSlot
  getMinimumBalanceForRentExemption getMultipleAccounts getProgramAccounts getRecentPerformanceSamples
  getRecentPrioritizationFees getSignaturesForAddress getSignatureStatuses getSlot getSlotLeader getSlotLeaders
  getStakeMinimumDelegation getSupply getTokenAccountBalance getTokenAccountsByDelegate getTokenAccountsByOwner
  getTokenLargestAccounts getTokenSupply getTransaction getTransactionCount getVersion getVoteAccounts
  isBlockhashValid minimumLedgerSlot requestAirdrop sendTransaction simulateTransaction
  accountSubscribe blockSubscribe logsSubscribe programSubscribe rootSubscribe signatureSubscribe slotSubscribe
  slotsUpdatesSubscribe voteSubscribe`
  .trim()
  .split(/\s+/);

const codeIn = (cell: string) => [...cell.matchAll(/`([a-z]\w+)`/g)].map((match) => match[1]!);
const rows = page.split('\n').filter((line) => line.startsWith('| '));
const cellsOf = (first: string) =>
  rows
    .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))
    .find(([cell]) => cell === first);

test('every method and subscription of Agave is either served or refused', () => {
  const served = [
    ...Object.values(SERVED).flatMap((methods) => Object.keys(methods)),
    ...Object.keys(WISHES),
  ];
  expect([...served, ...Object.keys(REFUSED)].sort()).toEqual(AGAVE_METHODS.toSorted());
  const ends = Object.keys(WISHES).map((name) => name.replace('Subscribe', 'Unsubscribe'));
  expect(Object.keys(UNSUBSCRIBES)).toEqual(ends);
});

test('the page lists what is served, and what is refused with its reason', () => {
  for (const [about, methods] of Object.entries(SERVED))
    expect(codeIn(cellsOf(`\`${about}\``)![1]!).sort(), about).toEqual(Object.keys(methods).sort());
  expect(codeIn(cellsOf('WebSocket')![1]!)).toEqual(Object.keys(WISHES));
  const from = page.indexOf('| refused | because |');
  const table = page.slice(from, page.indexOf('\n\n', from)).split('\n').slice(2);
  expect(table).toEqual(Object.entries(REFUSED).map(([name, reason]) => `| \`${name}\` | ${reason} |`));
});

test('the page names every flag, with the default that --help shows', () => {
  const flags = [...HELP.matchAll(/^ {2}(--[a-z-]+)(.*)$/gm)];
  expect(flags.length).toBeGreaterThan(6);
  for (const [, flag, rest] of flags) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${flag}`));
    expect(row, flag).toBeDefined();
    const fallback = /\(([^()]+)\)$/.exec(rest!)?.[1];
    if (fallback !== undefined) expect(row).toContain(`| ${fallback} |`);
  }
});

test('the page names every request of the admin API', () => {
  const requests = named('admin', /\['((?:GET|POST|DELETE) \/admin\/\w+)'/g);
  expect(requests.length).toBeGreaterThan(6);
  for (const request of requests) expect(page).toContain(`| \`${request}\` |`);
});

test('the page names every fault and every scenario', () => {
  const faults = named('admin', /^ {2}(\w+): \(value: unknown/gm);
  expect(faults.length).toBeGreaterThan(10);
  const documented = new Set(
    rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!)),
  );
  expect([...faults, ...SCENARIO_NAMES].filter((name) => !documented.has(name))).toEqual([]);
});

test('every token of the market is listed with its mint, decimals, start price and pools', () => {
  const listed = MARKET_TOKENS.map(({ symbol, mint, decimals, priceUsdPicos }) => {
    const price = Number(priceUsdPicos) / 1e12;
    const pools = MARKET_POOLS.filter(({ base }) => base === symbol);
    const quotes = [...new Set(pools.map(({ quote }) => quote))].map((quote) => {
      const kinds = pools.filter((pool) => pool.quote === quote).map(({ kind }) => `\`${kind}\``);
      return `${quote}: ${kinds.join(', ')}`;
    });
    return `| ${symbol} | \`${mint}\` | ${decimals} | ${price} | ${quotes.join('; ') || '–'} |`;
  });
  for (const row of listed) expect(page).toContain(row);
});
