import { SYSTEM_PROGRAM } from '@oee/solana';
import { address, getTransactionDecoder, lamports } from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import type { GenesisAccount } from '../src/genesis-account.ts';
import { createSeededKeypair, type TraderKeypair } from '../src/market/keypair.ts';
import { signTransaction } from '../src/market/wire-transaction.ts';
import { readU64 } from '../src/pools/account-bytes.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { PROGRAM_NAMES, PROGRAMS, readCommittedProgram } from '../src/programs.ts';

export type Outcome =
  | { ok: true; computeUnits: bigint }
  /** `code` is the program's own error code, or null for an error of the runtime. */
  | { ok: false; code: number | null; logs: string[] };

/** The committed programs in a virtual machine of their own, without ledger or network. */
export interface ProgramVm {
  readonly svm: LiteSVM;
  set(accounts: readonly GenesisAccount[]): void;
  data(address: string): Uint8Array;
  tokenAmount(address: string): bigint;
  run(payer: TraderKeypair, instructions: readonly SwapInstruction[]): Outcome;
  /** Lands signed wire bytes as they are. */
  send(wire: Uint8Array): Outcome;
  setTime(time: { unixTimestamp?: bigint; slot?: bigint; epoch?: bigint }): void;
}

export const trader = createSeededKeypair('program tests', 'trader');

export function createProgramVm(): ProgramVm {
  const svm = new LiteSVM();
  for (const name of PROGRAM_NAMES) svm.addProgram(address(PROGRAMS[name]), readCommittedProgram(name));
  const decoder = getTransactionDecoder();
  const vm: ProgramVm = {
    svm,
    set: (accounts) => {
      for (const account of accounts) {
        svm.setAccount({
          address: address(account.address),
          lamports: lamports(account.lamports),
          programAddress: address(account.owner),
          executable: account.executable,
          data: account.data,
          space: BigInt(account.data.length),
        });
      }
    },
    data: (at) => {
      const account = svm.getAccount(address(at));
      if (!account.exists) throw new Error(`no account ${at}`);
      return new Uint8Array(account.data);
    },
    tokenAmount: (at) => readU64(vm.data(at), 64),
    run: (payer, instructions) => {
      svm.expireBlockhash();
      return vm.send(signTransaction(payer, instructions, svm.latestBlockhash()));
    },
    send: (wire) => {
      const result = svm.sendTransaction(decoder.decode(wire));
      if (!(result instanceof FailedTransactionMetadata))
        return { ok: true, computeUnits: result.computeUnitsConsumed() };
      const code = /custom program error: 0x([0-9a-f]+)/.exec(result.meta().logs().join('\n'))?.[1];
      return { ok: false, code: code ? Number.parseInt(code, 16) : null, logs: result.meta().logs() };
    },
    setTime: ({ unixTimestamp, slot, epoch }) => {
      const clock = svm.getClock();
      if (unixTimestamp !== undefined) clock.unixTimestamp = unixTimestamp;
      if (slot !== undefined) clock.slot = slot;
      if (epoch !== undefined) clock.epoch = epoch;
      svm.setClock(clock);
    },
  };
  vm.set([
    {
      address: trader.address,
      lamports: 1_000_000_000_000n,
      owner: SYSTEM_PROGRAM,
      executable: false,
      data: new Uint8Array(),
    },
  ]);
  return vm;
}
