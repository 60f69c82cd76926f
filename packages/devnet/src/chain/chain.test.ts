import { expect, test } from 'vitest';
import { createFirstState } from '../first-state.ts';
import { genesisHashOf, type LedgerIdentity } from '../ledger/ledger-identity.ts';
import { Chain } from './chain.ts';
import type { ChainJournal } from './chain-journal.ts';
import { Faucet } from './faucet.ts';

const identity: LedgerIdentity = {
  version: 1,
  ledgerId: 'test',
  seed: 'test',
  market: 'none',
  createdAtMs: 1_750_000_000_000,
};
const faucet = new Faucet('test');
const recipient = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

function chainWith(journal: ChainJournal): Chain {
  const genesis = { accounts: [], programs: [] };
  const { vm, state } = createFirstState({ identity, slotMs: 400, genesis, faucet });
  return new Chain({ genesisHash: genesisHashOf(identity), vm, journal, state, finalizedDepth: 32 });
}

function airdrop(chain: Chain) {
  return faucet.transfer(recipient, 1_000_000n, chain.history.at('confirmed').blockhash);
}

function advanceToBlock(chain: Chain, transactions: Parameters<Chain['advance']>[0]) {
  while (chain.isNextSlotSkipped()) chain.advance([]);
  return chain.advance(transactions);
}

test('writes a block to the ledger before it notifies its listeners', () => {
  const order: string[] = [];
  const chain = chainWith({
    writeBlock: ({ slot }) => order.push(`block ${slot}`),
    writeAccounts: () => {},
    writeFork: () => [],
    writeHead: (slot) => order.push(`head ${slot}`),
  });
  chain.onBlock(({ block }) => order.push(`told ${block.slot}`));
  while (chain.isNextSlotSkipped()) chain.advance([]);
  order.length = 0;
  const slot = chain.slot + 1;
  chain.advance([airdrop(chain)]);
  expect(order).toEqual([`block ${slot}`, `head ${slot}`, `told ${slot}`]);
});

test('notifies no listener of a block that cannot be written, and then stops', () => {
  let told = 0;
  const chain = chainWith({
    writeBlock: () => {
      throw new Error('no space left');
    },
    writeAccounts: () => {},
    writeFork: () => [],
    writeHead: () => {},
  });
  while (chain.isNextSlotSkipped()) chain.advance([]);
  chain.onBlock(() => {
    told += 1;
  });
  expect(() => advanceToBlock(chain, [airdrop(chain)])).toThrow('no space left');
  expect(told).toBe(0);
  expect(chain.isBroken).toBe(true);
  expect(() => chain.advance([])).toThrow(/stopped/);
  expect(() => chain.setAccounts(new Map())).toThrow(/stopped/);
});

test('skips the same few slots of a hundred in every run', () => {
  const journal = { writeBlock: () => {}, writeAccounts: () => {}, writeFork: () => [], writeHead: () => {} };
  const [one, other] = [chainWith(journal), chainWith(journal)];
  const skipped = [one, other].map((chain) => {
    const slots: number[] = [];
    for (let count = 0; count < 1_000; count += 1) if (chain.advance([]) === null) slots.push(chain.slot);
    return slots;
  });
  expect(skipped[0]).toEqual(skipped[1]);
  expect(skipped[0]!.length).toBeGreaterThan(10);
  expect(skipped[0]!.length).toBeLessThan(100);
  expect(one.history.tip.blockhash).toBe(other.history.tip.blockhash);
});
