import { CLOCK_SYSVAR, TOKEN_PROGRAM } from '@oee/solana';
import { expect, test } from 'vitest';
import { createFirstState } from '../first-state.ts';
import { createGenesis } from '../genesis.ts';
import { genesisHashOf, type LedgerIdentity } from '../ledger/ledger-identity.ts';
import { createMarket } from '../market/market.ts';
import { Chain } from './chain.ts';
import { Faucet } from './faucet.ts';
import { type AccountState, NO_ACCOUNT } from './vm.ts';
import { parseTransaction } from './wire-transaction.ts';

const identity: LedgerIdentity = {
  version: 1,
  ledgerId: 'test',
  seed: 'test',
  market: 'wild',
  createdAtMs: 1_750_000_000_000,
};

/** A chain with a wild market, whose journal keeps the blocks in memory. */
async function wildChain() {
  const genesis = await createGenesis({ seed: 'test', mood: 'wild' });
  const { vm, state } = createFirstState({ identity, slotMs: 400, genesis, faucet: new Faucet('test') });
  const written: { slot: number; bytes: Uint8Array }[] = [];
  const chain: Chain = new Chain({
    genesisHash: genesisHashOf(identity),
    vm,
    state,
    finalizedDepth: 32,
    journal: {
      writeBlock: ({ slot, transactions }) =>
        written.push(...transactions.map(({ bytes }) => ({ slot, bytes }))),
      writeAccounts: () => {},
      writeFork: (_, keptSlot) => written.filter(({ slot }) => slot > keptSlot).map(({ bytes }) => bytes),
      writeHead: () => {},
    },
  });
  const market = createMarket({ seed: 'test', mood: 'wild', genesis });
  const produce = () => {
    const account = (address: string) => chain.accounts.read(address)?.data ?? null;
    const moment = { slot: BigInt(chain.slot + 1), blockhash: chain.history.tip.blockhash, account };
    const transactions = chain.isNextSlotSkipped() ? [] : market.transactionsForSlot(moment);
    return chain.advance(transactions.map(parseTransaction));
  };
  return { chain, produce };
}

function expectCurrent({ accounts, vm }: Chain): void {
  const held = [...vm.programAccounts(TOKEN_PROGRAM)];
  const shown = accounts.ofProgram(TOKEN_PROGRAM);
  expect(shown.size).toBe(held.length);
  const differing = held.filter(([address, state]) => {
    const copies = [shown.get(address), accounts.read(address)];
    return copies.some((copy) => textOf(copy) !== textOf(state));
  });
  expect(differing.map(([address]) => address)).toEqual([]);
  expect(textOf(accounts.read(CLOCK_SYSVAR))).toBe(textOf(vm.account(CLOCK_SYSVAR)));
}

function textOf(state: AccountState | null | undefined): string {
  if (!state) return 'none';
  const { lamports, owner, executable, data } = state;
  return [lamports, owner, executable, Buffer.from(data).toString('base64')].join(' ');
}

test('shows every account as the machine has it, through blocks, forks and accounts set from outside', async () => {
  const { chain, produce } = await wildChain();
  let landed = 0;
  for (let slot = 0; slot < 12; slot += 1) {
    expectCurrent(chain);
    landed += produce()?.transactions.length ?? 0;
  }
  expect(landed).toBeGreaterThan(12);
  const [first, second] = [...chain.accounts.ofProgram(TOKEN_PROGRAM)];
  chain.setAccounts(new Map([[first![0], NO_ACCOUNT]]));
  expect(chain.accounts.read(first![0])).toBeNull();
  expectCurrent(chain);
  chain.setAccounts(new Map([[first![0], { ...second![1], lamports: 5n }]]));
  expect(chain.accounts.read(first![0])?.lamports).toBe(5n);
  expectCurrent(chain);
  for (let slot = 0; slot < 5; slot += 1) produce();
  chain.fork(4);
  expectCurrent(chain);
  produce();
  expectCurrent(chain);
});

test('keeps the object of an account that did not change', async () => {
  const { chain, produce } = await wildChain();
  const before = new Map(chain.accounts.ofProgram(TOKEN_PROGRAM));
  const states = new Map([...before.keys()].map((address) => [address, chain.accounts.read(address)]));
  const changed = new Set<string>();
  for (let slot = 0; slot < 5; slot += 1) {
    for (const address of produce()?.preImages.keys() ?? []) changed.add(address);
  }
  const moved = [...states].filter(([address, state]) => chain.accounts.read(address) !== state);
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.filter(([address]) => !changed.has(address))).toEqual([]);
});
