import { SYSTEM_PROGRAM } from '@oee/solana';
import type { Block } from './chain/block.ts';
import type { ChainState } from './chain/chain.ts';
import { FAUCET_LAMPORTS, type Faucet } from './chain/faucet.ts';
import { computeBlockhash, isSlotSkipped } from './chain/slot-schedule.ts';
import { Vm } from './chain/vm.ts';
import type { Genesis } from './genesis.ts';
import { genesisHashOf, type LedgerIdentity } from './ledger/ledger-identity.ts';

/** Empty slots that a new chain begins with, so that slot and block height differ and finalized blocks exist. */
const FIRST_SLOTS = 1_000;

/** A new chain: accounts and programs of genesis, and the slots before the first client can connect. */
export function createFirstState(parts: {
  identity: LedgerIdentity;
  slotMs: number;
  genesis: Pick<Genesis, 'accounts' | 'programs'>;
  faucet: Faucet;
}): { vm: Vm; state: ChainState } {
  const { identity, slotMs, genesis, faucet } = parts;
  const vm = Vm.create();
  for (const { address, elf } of genesis.programs) vm.addProgram(address, elf);
  for (const { address, ...state } of genesis.accounts) vm.setAccount(address, state);
  vm.setAccount(faucet.address, {
    lamports: FAUCET_LAMPORTS,
    owner: SYSTEM_PROGRAM,
    executable: false,
    data: new Uint8Array(),
  });
  const blocks = firstBlocks(identity, slotMs);
  return { vm, state: { slot: FIRST_SLOTS, slotMs, blocks, finalHeight: 0, executedMessages: new Map() } };
}

function firstBlocks(identity: LedgerIdentity, slotMs: number): Block[] {
  const genesisHash = genesisHashOf(identity);
  const startMs = identity.createdAtMs - FIRST_SLOTS * slotMs;
  const nothing = { transactions: [], preImages: new Map() };
  const blocks: Block[] = [
    {
      slot: 0,
      height: 0,
      blockhash: genesisHash,
      parentSlot: 0,
      timeMs: startMs,
      transactionCount: 0,
      ...nothing,
    },
  ];
  for (let slot = 1; slot <= FIRST_SLOTS; slot += 1) {
    if (isSlotSkipped(genesisHash, slot)) continue;
    const parent = blocks.at(-1)!;
    blocks.push({
      slot,
      height: parent.height + 1,
      blockhash: computeBlockhash({ parentHash: parent.blockhash, slot, transactions: [] }),
      parentSlot: parent.slot,
      timeMs: startMs + slot * slotMs,
      transactionCount: 0,
      transactions: [],
      preImages: new Map(),
    });
  }
  return blocks;
}
