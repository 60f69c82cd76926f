import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Faucet } from '../src/chain/faucet.ts';
import { createFirstState } from '../src/first-state.ts';
import { createGenesis, type Genesis } from '../src/genesis.ts';
import type { Devnet } from '../src/index.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { writeIdentity } from '../src/ledger/ledger-identity.ts';
import { advance, call, get, post, startManualDevnet } from './support/client.ts';

const SEED = 'older ledger';
const OWNER = '9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM';
const START_MS = 1_767_225_600_000;
/** Tokens that an earlier version did not have. */
const LATER = ['BTC', 'ETH', 'BNB'];

let directory: string;
let genesis: Genesis;
let later: ReadonlySet<string>;
let devnet: Devnet;

beforeAll(async () => {
  genesis = await createGenesis({ seed: SEED, mood: 'calm' });
  later = new Set(genesis.tokens.filter(({ symbol }) => LATER.includes(symbol)).map(({ mint }) => mint));
  directory = mkdtempSync(join(tmpdir(), 'devnet-older-'));
  createOlderLedger();
  devnet = await startManualDevnet({ seed: SEED, market: 'calm', ledgerDirectory: directory });
}, 60_000);
afterAll(async () => {
  await devnet?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A ledger whose chain began without lookup tables, the later tokens, and what only their pools and traders name. */
function createOlderLedger(): void {
  const partsOf = (pools: Genesis['placedPools']) =>
    pools.flatMap(({ address, parts }) => [
      address,
      ...Object.values(parts).filter((part) => typeof part === 'string'),
    ]);
  const isLater = ({ mint0, mint1 }: { mint0: string; mint1: string }) =>
    later.has(mint0) || later.has(mint1);
  const kept = new Set(partsOf(genesis.placedPools.filter((pool) => !isLater(pool))));
  const tokenAccounts = genesis.traders.flatMap((trader) =>
    [...later].map((mint) => trader.tokenAccounts.get(mint)!),
  );
  const missing = new Set(
    [
      ...partsOf(genesis.placedPools.filter(isLater)),
      ...later,
      ...tokenAccounts,
      ...genesis.lookupTables,
    ].filter((address) => !kept.has(address)),
  );
  const accounts = genesis.accounts.filter(({ address }) => !missing.has(address));
  const identity = {
    version: 1,
    ledgerId: 'older',
    seed: SEED,
    market: 'calm',
    createdAtMs: START_MS,
  } as const;
  const older = { accounts, programs: genesis.programs };
  const { vm, state } = createFirstState({ identity, slotMs: 400, genesis: older, faucet: new Faucet(SEED) });
  Ledger.create(directory, vm, state);
  writeIdentity(directory, identity);
}

test('a ledger of an earlier version lists the tokens and pools that it was made with', async () => {
  const { body } = await get(devnet, '/admin/market');
  const market = body as {
    tokens: { symbol: string }[];
    pools: { address: string }[];
    lookupTables: unknown;
  };
  const symbols = genesis.tokens.map(({ symbol }) => symbol);
  expect(market.tokens.map(({ symbol }) => symbol)).toEqual(symbols.filter((name) => !LATER.includes(name)));
  const pools = genesis.pools.filter(({ mint0, mint1 }) => !later.has(mint0) && !later.has(mint1));
  expect(market.pools.map(({ address }) => address)).toEqual(pools.map(({ address }) => address));
  expect(pools.length).toBeLessThan(genesis.pools.length);
  expect(market.lookupTables).toEqual([]);
});

test('a ledger of an earlier version refuses to fund a wallet with a token that it lacks', async () => {
  for (const mint of later)
    expect(
      await post(devnet, '/admin/fund', { owner: OWNER, tokens: [{ mint, amount: '1' }] }),
    ).toMatchObject({ status: 400, body: { code: 'cannot_fund' } });
});

test('the traders of a ledger of an earlier version trade, and none of their swaps fails', async () => {
  await advance(devnet, 40);
  const { result: slot } = await call(devnet, 'getSlot', [{ commitment: 'processed' }]);
  const signatures = new Set<string>();
  for (const { address } of genesis.traders) {
    const { result } = await call(devnet, 'getSignaturesForAddress', [address, { commitment: 'confirmed' }]);
    for (const { signature, err } of result as { signature: string; err: unknown }[]) {
      expect(err).toBeNull();
      signatures.add(signature);
    }
  }
  expect(slot).toBeGreaterThan(40);
  expect(signatures.size).toBeGreaterThan(10);
});
