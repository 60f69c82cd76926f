import { SYSTEM_PROGRAM } from '@oee/solana';
import { type AccountState, type Execution, NO_ACCOUNT, Vm } from '../chain/vm.ts';
import { parseTransaction } from '../chain/wire-transaction.ts';
import type { GenesisAccount } from '../genesis-account.ts';
import { createSeededKeypair } from '../market/keypair.ts';
import { signTransaction } from '../market/wire-transaction.ts';
import { readU64 } from '../pools/account-bytes.ts';
import { MOST_COMPUTE_UNITS } from '../pools/compute-budget.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { ChainClock } from './drawn-kind.ts';

/** The one wallet of every case. */
export const WALLET = createSeededKeypair('differential', 'wallet');
const WALLET_ACCOUNT: AccountState = { ...NO_ACCOUNT, lamports: 1_000_000_000_000n };
/** An event in base64: Solana's own line, or Raydium AMM v4's, which writes sentences behind its prefix as well. */
const LOGGED_EVENT = /^(?:Program data: |Program log: ray_log: )([A-Za-z0-9+/]+=*)$/;
/** An Anchor program's log of a failure: its place and name, and the compared figures. */
const ERROR_LOG = /^Program log: (?:AnchorError |(?:Left|Right): \d+$)/;
const ANY_BLOCKHASH = SYSTEM_PROGRAM;

/** The effects of a transaction that are compared between two programs. */
export interface Outcome {
  /** The swap's own error: a program's number or a name of the runtime; null when it succeeded. */
  readonly error: number | string | null;
  /** Hex of each event: data of a self-invocation, or of a `Program data:` or `ray_log:` line. */
  readonly events: readonly string[];
  readonly logs: readonly string[];
  /** The log lines about an error and its figures, as Anchor writes them. */
  readonly errorLogs: readonly string[];
}

/** One virtual machine with one program. */
export class Machine {
  private vm: Vm;
  private readonly placed = new Set<string>();
  private readonly program: string;
  private readonly elf: Uint8Array;
  private isProgramTouched = false;

  constructor(program: string, elf: Uint8Array) {
    this.program = program;
    this.elf = elf;
    this.vm = this.createVm();
  }

  private createVm(): Vm {
    const vm = Vm.create();
    vm.addProgram(this.program, this.elf);
    return vm;
  }

  /** Makes these the accounts of the machine; those of an earlier call are gone. */
  place(accounts: Iterable<GenesisAccount>): void {
    if (this.isProgramTouched) this.vm = this.createVm();
    this.isProgramTouched = false;
    for (const address of this.placed) this.vm.setAccount(address, NO_ACCOUNT);
    this.placed.clear();
    for (const account of accounts) this.set(account);
    this.vm.setAccount(WALLET.address, WALLET_ACCOUNT);
  }

  set(account: GenesisAccount): void {
    this.vm.setAccount(account.address, account);
    this.placed.add(account.address);
  }

  setClock(clock: ChainClock): void {
    this.vm.setClock({ ...clock, epochStartAt: 0n });
  }

  account(address: string): AccountState | null {
    return this.vm.account(address);
  }

  data(address: string): Uint8Array {
    const account = this.vm.account(address);
    if (account === null) throw new Error(`no account ${address}`);
    return account.data;
  }

  /** Base units in a token account; 0 where there is none. */
  tokenAmount(address: string): bigint {
    const data = this.vm.account(address)?.data;
    return data === undefined || data.length < 72 ? 0n : readU64(data, 64);
  }

  run(instruction: SwapInstruction): Outcome {
    // The virtual machine takes a program that was named as writable for one deployed at that slot. A later case at the
    // slot before would find it missing.
    this.isProgramTouched ||= instruction.accounts.some(
      ({ address, isWritable }) => isWritable && this.vm.account(address)?.executable,
    );
    // How many units a program needs is not compared, so each gets the most that there are.
    const wire = signTransaction(WALLET, [MOST_COMPUTE_UNITS, instruction], ANY_BLOCKHASH);
    const transaction = parseTransaction(wire);
    const execution = this.vm.execute(transaction);
    return {
      error: errorOf(execution),
      events: eventsOf(execution, transaction.message.staticKeys.indexOf(this.program)),
      logs: execution.logs,
      errorLogs: execution.logs.filter((line) => ERROR_LOG.test(line)),
    };
  }
}

/** Both programs, each on a separate machine. */
export interface Machines {
  readonly real: Machine;
  readonly own: Machine;
}

function errorOf({ error }: Execution): number | string | null {
  if (error === null || typeof error === 'string') return error;
  if (!('InstructionError' in error)) return JSON.stringify(error);
  const cause = error.InstructionError[1];
  return typeof cause === 'string' ? cause : cause.Custom;
}

function eventsOf({ innerInstructions, logs }: Execution, programIndex: number): string[] {
  const invoked = innerInstructions.flatMap(({ instructions }) =>
    instructions.filter(({ programIdIndex }) => programIdIndex === programIndex).map(({ data }) => data),
  );
  const logged = logs.flatMap((line) => {
    const base64 = LOGGED_EVENT.exec(line)?.[1];
    return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
  });
  return [...invoked, ...logged].map((data) => Buffer.from(data).toString('hex'));
}
