import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Devnet, type DevnetOptions, startDevnet } from '../src/index.ts';
import { call, get } from './support/client.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/mainnet-accounts/', import.meta.url));
const POOL = '7JuwJuNU88gurFnyWeiyGKbFmExMWcmRZntn9imEzdny';
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

let directory: string;
let devnet: Devnet | null = null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devnet-dumps-'));
  cpSync(FIXTURES, join(directory, 'accounts'), { recursive: true });
});
afterEach(async () => {
  await devnet?.stop();
  devnet = null;
  rmSync(directory, { recursive: true });
});

const accounts = () => join(directory, 'accounts');

async function start(options: DevnetOptions = {}): Promise<Devnet> {
  const usual: DevnetOptions = { port: 0, slotMs: 'manual', market: 'none', onWarning: () => {} };
  devnet = await startDevnet({ ...usual, accountsDirectory: accounts(), ...options });
  return devnet;
}

test('the chain has the accounts of the dumps, byte for byte', async () => {
  await start();
  const dump = JSON.parse(readFileSync(`${FIXTURES}sol_usdc_pool_state.json`, 'utf8'));
  const { result } = await call(devnet!, 'getAccountInfo', [POOL, { encoding: 'base64' }]);
  expect(result.value).toMatchObject({
    data: dump.account.data,
    lamports: dump.account.lamports,
    owner: dump.account.owner,
  });
  const { body } = await get(devnet!, '/admin/market');
  expect(body).toMatchObject({ pools: [{ address: POOL, kind: 'raydium-cpmm', feeBps: 25 }] });
});

test('an answer of getAccountInfo is a dump too, named by its file', async () => {
  const pool = join(accounts(), 'sol_usdc_pool_state.json');
  const { account: value } = JSON.parse(readFileSync(pool, 'utf8'));
  rmSync(pool);
  const answer = { jsonrpc: '2.0', id: 1, result: { context: { slot: 1 }, value } };
  writeFileSync(join(accounts(), `${POOL}.json`), JSON.stringify(answer));
  await start();
  expect((await get(devnet!, '/admin/market')).body).toMatchObject({ pools: [{ address: POOL }] });
});

test('a mint of a dump replaces the same mint of the local market', async () => {
  await start({ market: 'calm' });
  const { pools } = (await get(devnet!, '/admin/market')).body as { pools: { address: string }[] };
  expect(pools.length).toBeGreaterThan(10);
  expect(pools.map(({ address }) => address)).toContain(POOL);
  const dump = JSON.parse(readFileSync(`${FIXTURES}usdc_mint.json`, 'utf8'));
  const { result } = await call(devnet!, 'getAccountInfo', [USDC, { encoding: 'base64' }]);
  expect(result.value.data).toEqual(dump.account.data);
});

test('a program is loaded from the file that solana program dump writes', async () => {
  const program = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';
  const elf = fileURLToPath(new URL('../programs/bin/raydium-cpmm.so', import.meta.url));
  const other = 'Config1111111111111111111111111111111111111';
  cpSync(elf, join(accounts(), `${other}.so`));
  await start();
  for (const address of [program, other]) {
    const { result } = await call(devnet!, 'getAccountInfo', [address, { encoding: 'base64' }]);
    expect(result.value.executable).toBe(true);
  }
});

test('a ledger keeps the dumps that it was created with', async () => {
  const ledgerDirectory = join(directory, 'ledger');
  const { genesisHash } = await start({ ledgerDirectory });
  await devnet!.stop();
  await start({ ledgerDirectory });
  expect(devnet!.genesisHash).toBe(genesisHash);
  await devnet!.stop();
  rmSync(join(accounts(), 'vault_authority.json'));
  await expect(start({ ledgerDirectory })).rejects.toThrow('begun with other --accounts');
});

test.each([
  [
    'a missing vault',
    (at: string) => rmSync(`${at}/usdc_vault.json`),
    'needs 3rzbbW5Q8MA7sCaowf28hNgACNPecdS2zceWy7Ptzua9',
  ],
  ['no JSON', (at: string) => writeFileSync(`${at}/usdc_vault.json`, '{'), 'usdc_vault.json'],
  [
    'an account that is not there',
    (at: string) => writeFileSync(`${at}/${USDC}.json`, '{"result":{"value":null}}'),
    'there is no account in it',
  ],
  [
    'another encoding',
    (at: string) =>
      writeFileSync(
        `${at}/${POOL}.json`,
        '{"account":{"lamports":1,"owner":"11111111111111111111111111111111","data":["AA==","base64+zstd"]}}',
      ),
    'base64',
  ],
  ['an account twice', (at: string) => cpSync(`${at}/usdc_mint.json`, `${at}/again.json`), 'twice'],
  ['an empty directory', (at: string) => rmSync(at, { recursive: true }), 'not a directory'],
])('%s is refused by name', async (_, spoil, message) => {
  spoil(accounts());
  await expect(start()).rejects.toThrow(message);
});
