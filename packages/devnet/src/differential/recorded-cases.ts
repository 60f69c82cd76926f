import { type AccountState, NO_ACCOUNT } from '../chain/vm.ts';
import type { GenesisAccount } from '../genesis-account.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import { isLimitError } from './compare-step.ts';
import type { DrawnKind } from './drawn-kind.ts';
import type { Machine } from './machine.ts';
import type { Step, StepObserver } from './run-case.ts';

/** Changed bytes, as [offset, hex]. */
type Bytes = readonly (readonly [offset: number, hex: string])[];

/** The recorded results of a mainnet program on a pool, so that another program can be compared without that binary. */
export interface RecordedCase {
  readonly accounts: Readonly<Record<string, RecordedAccount>>;
  readonly steps: readonly RecordedStep[];
}

interface RecordedAccount {
  readonly address: string;
  readonly owner: string;
  readonly lamports: string;
  readonly length: number;
  /** The non-zero bytes. */
  readonly bytes: Bytes;
}

interface RecordedStep {
  readonly label: string;
  readonly clock: readonly [slot: string, epoch: string, unixTimestamp: string];
  /** True if the instruction or an account was spoiled on purpose, so that no quote applies. */
  readonly isSpoiled?: true;
  /** Replaces the account at its address before the swap. */
  readonly spoiled?: RecordedAccount;
  /** Addresses, with `+s` for a signer and `+w` for a writable one. */
  readonly accounts: readonly string[];
  readonly data: string;
  readonly error: number | string | null;
  /** The devnet's program, where both failed with different codes. */
  readonly ownError?: number | string | null;
  /** The logs of the mainnet program about an exceeded limit. */
  readonly errorLogs?: readonly string[];
  readonly events: readonly string[];
  /** By the account's address. */
  readonly changes: Readonly<Record<string, Bytes>>;
}

/** Records the results of the mainnet program, case by case. */
export function createRecorder(kind: DrawnKind): {
  readonly cases: RecordedCase[];
  readonly observe: StepObserver;
} {
  const cases: (RecordedCase & { steps: RecordedStep[] })[] = [];
  let current: Readonly<Record<string, GenesisAccount>> | null = null;
  let states = new Map<string, Uint8Array>();
  const observe: StepObserver = (step, { real }, accounts) => {
    if (accounts !== current) {
      current = accounts;
      states = new Map(Object.values(accounts).map(({ address, data }) => [address, data]));
      const recorded = Object.entries(accounts).map(([name, account]) => [name, toRecorded(account)]);
      cases.push({ accounts: Object.fromEntries(recorded), steps: [] });
    }
    if (step.spoiled?.account) states.set(step.spoiled.account.address, step.spoiled.account.data);
    cases.at(-1)!.steps.push(toStep(kind, step, changesOf(states, real)));
  };
  return { cases, observe };
}

function toStep(kind: DrawnKind, step: Step, changes: Record<string, Bytes>): RecordedStep {
  const { clock, swap, spoiled, real, own } = step;
  const { accounts, data } = spoiled?.instruction ?? swap.instruction;
  return {
    label: spoiled ? `${swap.label}, ${spoiled.label}` : swap.label,
    clock: [String(clock.slot), String(clock.epoch), String(clock.unixTimestamp)],
    ...(spoiled && { isSpoiled: true as const }),
    ...(spoiled?.account && { spoiled: toRecorded(spoiled.account) }),
    accounts: accounts.map(
      ({ address, isSigner, isWritable }) => `${address}${isSigner ? '+s' : ''}${isWritable ? '+w' : ''}`,
    ),
    data: Buffer.from(data).toString('hex'),
    error: real.error,
    ...(real.error !== null && own.error !== real.error && { ownError: own.error }),
    ...(isLimitError(kind, real) && { errorLogs: real.errorLogs }),
    events: real.events,
    changes,
  };
}

/** Also updates `states`. */
function changesOf(states: Map<string, Uint8Array>, machine: Machine): Record<string, Bytes> {
  const changes: Record<string, Bytes> = {};
  for (const [address, before] of states) {
    const after = machine.account(address)?.data ?? new Uint8Array();
    if (Buffer.compare(before, after) === 0) continue;
    changes[address] = unequalBytes(before, after);
    states.set(address, after);
  }
  return changes;
}

function toRecorded({ address, owner, lamports, data }: GenesisAccount): RecordedAccount {
  const bytes = unequalBytes(new Uint8Array(data.length), data);
  return { address, owner, lamports: String(lamports), length: data.length, bytes };
}

/** Where the second differs from the first; joins ranges less than four bytes apart. */
function unequalBytes(before: Uint8Array, after: Uint8Array): Bytes {
  const ranges: { start: number; end: number }[] = [];
  for (let index = 0; index < after.length; index += 1) {
    if (before[index] === after[index]) continue;
    const last = ranges.at(-1);
    if (last && index - last.end < 4) last.end = index + 1;
    else ranges.push({ start: index, end: index + 1 });
  }
  return ranges.map(({ start, end }) => [start, Buffer.from(after.subarray(start, end)).toString('hex')]);
}

/** Runs a recorded case on a machine. @returns A sentence for each swap with another result; empty if all agree. */
export function replayRecorded(kind: DrawnKind, machine: Machine, recorded: RecordedCase): string[] {
  const accounts = Object.values(recorded.accounts).map(fromRecorded);
  machine.place(accounts);
  const states = new Map(accounts.map(({ address, data }) => [address, data]));
  return recorded.steps.flatMap((step, index) => {
    const [slot, epoch, unixTimestamp] = step.clock.map(BigInt) as [bigint, bigint, bigint];
    machine.setClock({ slot, epoch, unixTimestamp });
    if (step.spoiled) {
      const spoiled = fromRecorded(step.spoiled);
      machine.set(spoiled);
      states.set(spoiled.address, spoiled.data);
    }
    const { error, errorLogs, events } = machine.run(instructionOf(kind, step));
    const actual = JSON.stringify({
      error,
      ...(step.errorLogs && { errorLogs }),
      events,
      changes: changesOf(states, machine),
    });
    const expected = JSON.stringify({
      error: step.ownError ?? step.error,
      ...(step.errorLogs && { errorLogs: step.errorLogs }),
      events: step.events,
      changes: step.changes,
    });
    return actual === expected ? [] : [`swap ${index}, ${step.label}: expected ${expected}, got ${actual}`];
  });
}

function instructionOf(kind: DrawnKind, step: RecordedStep): SwapInstruction {
  return {
    program: kind.program,
    data: new Uint8Array(Buffer.from(step.data, 'hex')),
    accounts: step.accounts.map((text) => {
      const [address, ...flags] = text.split('+');
      return { address: address!, isSigner: flags.includes('s'), isWritable: flags.includes('w') };
    }),
  };
}

function fromRecorded({ address, owner, lamports, length, bytes }: RecordedAccount): GenesisAccount {
  const data = new Uint8Array(length);
  for (const [offset, hex] of bytes) data.set(Buffer.from(hex, 'hex'), offset);
  const state: AccountState = { ...NO_ACCOUNT, owner, lamports: BigInt(lamports), data };
  return { address, ...state };
}
