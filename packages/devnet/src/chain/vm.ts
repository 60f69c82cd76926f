import { addressBytes, addressText, SYSTEM_PROGRAM } from '@oee/solana';
import {
  Account,
  type AddressAndAccount,
  Clock,
  FailedTransactionMetadata,
  LiteSvm,
  type TransactionMetadata,
} from 'litesvm/dist/internal.js';
import { type TransactionErrorJson, toErrorJson } from './transaction-error.ts';
import { balancesOf, sortImage, withoutFaucet } from './vm-image.ts';
import type { WireTransaction } from './wire-transaction.ts';

export interface AccountState {
  readonly lamports: bigint;
  readonly owner: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}

/** Solana's state of an absent account; an account is deleted by setting it to this state. */
export const NO_ACCOUNT: AccountState = {
  lamports: 0n,
  owner: SYSTEM_PROGRAM,
  executable: false,
  data: new Uint8Array(),
};

export interface InnerInstructionJson {
  readonly programIdIndex: number;
  readonly accounts: readonly number[];
  readonly data: Uint8Array;
  readonly stackHeight: number;
}

/** The result of running a transaction, whether the machine keeps it (`execute`) or not (`simulate`). */
export interface Execution {
  readonly error: TransactionErrorJson | null;
  readonly logs: readonly string[];
  readonly computeUnits: bigint;
  readonly innerInstructions: readonly { index: number; instructions: readonly InnerInstructionJson[] }[];
  readonly returnData: { programId: string; data: Uint8Array } | null;
}

export interface Simulation extends Omit<Execution, 'innerInstructions'> {
  /** Copied out of the machine on demand, since few callers want them. */
  innerInstructions(): Execution['innerInstructions'];
  /** Accounts after the transaction; empty after an error. Copied out of the machine on demand. */
  accountsAfter(): ReadonlyMap<string, AccountState>;
}

/**
 * The Solana virtual machine: accounts, and the serial execution of transactions. It knows neither blocks nor the age
 * of blockhashes nor earlier transactions; the chain knows them. It uses LiteSVM's binding below the kit wrapper, which
 * takes and gives plain bytes.
 */
export class Vm {
  private readonly svm: LiteSvm;
  /** Transactions whose signatures need no further check, by the object, whose bytes do not change. */
  private readonly verified = new WeakSet<WireTransaction>();

  private constructor(svm: LiteSvm) {
    this.svm = svm;
    svm.setBlockhashCheck(false);
    svm.setTransactionHistory(0n);
    svm.setSigverify(true);
  }

  static create(): Vm {
    return Vm.fromBytes(withoutFaucet(new LiteSvm().toBytes()));
  }

  static fromBytes(bytes: Uint8Array): Vm {
    return new Vm(LiteSvm.fromBytes(bytes));
  }

  /** Equal for machines with equal contents. */
  toBytes(): Uint8Array {
    return sortImage(this.svm.toBytes());
  }

  account(address: string): AccountState | null {
    const account = this.svm.getAccount(requireAddress(address));
    return account === null ? null : toState(account);
  }

  balance(address: string): bigint {
    return this.svm.getBalance(requireAddress(address)) ?? 0n;
  }

  /** Lamports of every account. The machine lists accounts by owner only, so this reads its whole image: tens of milliseconds. */
  balances(): Map<string, bigint> {
    const all = balancesOf(this.svm.toBytes()).filter(({ lamports }) => lamports > 0n);
    return new Map(all.map(({ address, lamports }) => [addressText(address), lamports]));
  }

  /** All accounts of a program, by address, in no order. */
  programAccounts(program: string): Map<string, AccountState> {
    return toStates(this.svm.getProgramAccounts(requireAddress(program)));
  }

  setAccount(address: string, state: AccountState): void {
    const owner = requireAddress(state.owner);
    const account = new Account(state.lamports, state.data, owner, state.executable, 2n ** 64n - 1n);
    this.svm.setAccount(requireAddress(address), account);
  }

  addProgram(address: string, elf: Uint8Array): void {
    this.svm.addProgram(requireAddress(address), elf);
  }

  setClock(clock: { slot: bigint; epoch: bigint; epochStartAt: bigint; unixTimestamp: bigint }): void {
    const { slot, epoch, epochStartAt, unixTimestamp } = clock;
    this.svm.setClock(new Clock(slot, epochStartAt, epoch, epoch + 1n, unixTimestamp));
  }

  setSlotHashes(hashes: readonly { slot: bigint; hash: string }[]): void {
    this.svm.setSlotHashes([...hashes]);
  }

  /** Advances the machine's own blockhash, from which durable nonces are taken. */
  expireBlockhash(): void {
    this.svm.expireBlockhash();
  }

  minimumBalance(dataLength: bigint): bigint {
    return this.svm.minimumBalanceForRentExemption(dataLength);
  }

  execute(transaction: WireTransaction): Execution {
    const isVerified = this.verified.has(transaction);
    if (isVerified) this.svm.setSigverify(false);
    try {
      const result = this.svm.sendVersionedTransaction(transaction.bytes);
      return result instanceof FailedTransactionMetadata
        ? toExecution(result.meta(), toErrorJson(result.err()))
        : toExecution(result, null);
    } finally {
      if (isVerified) this.svm.setSigverify(true);
    }
  }

  /** Executes a transaction without a check of its signatures, which were checked when it was executed first. */
  trustSignatures(transaction: WireTransaction): void {
    this.verified.add(transaction);
  }

  simulate(transaction: WireTransaction, options: { verifySignatures: boolean }): Simulation {
    this.svm.setSigverify(options.verifySignatures);
    try {
      const result = this.svm.simulateVersionedTransaction(transaction.bytes);
      const isFailed = result instanceof FailedTransactionMetadata;
      const meta = result.meta();
      if (options.verifySignatures && !isFailed) this.verified.add(transaction);
      return {
        ...toOutcome(meta, isFailed ? toErrorJson(result.err()) : null),
        innerInstructions: () => toInnerInstructions(meta),
        accountsAfter: () => (isFailed ? new Map() : toStates(result.postAccounts())),
      };
    } finally {
      this.svm.setSigverify(true);
    }
  }
}

/** An account without lamports does not exist on Solana. */
function toState(account: Account): AccountState | null {
  const lamports = account.lamports();
  if (lamports === 0n) return null;
  const owner = addressText(account.owner());
  return { lamports, owner, executable: account.executable(), data: account.data() };
}

function toStates(accounts: readonly AddressAndAccount[]): Map<string, AccountState> {
  const states = new Map<string, AccountState>();
  for (const entry of accounts) {
    const state = toState(entry.account());
    if (state !== null) states.set(addressText(entry.address), state);
  }
  return states;
}

function toExecution(meta: TransactionMetadata, error: TransactionErrorJson | null): Execution {
  const { returnData, ...outcome } = toOutcome(meta, error);
  // In the order in which the ledger's JSON has them.
  return { ...outcome, innerInstructions: toInnerInstructions(meta), returnData };
}

function toInnerInstructions(meta: TransactionMetadata): Execution['innerInstructions'] {
  return meta.innerInstructions().flatMap((group, index) =>
    group.length === 0
      ? []
      : [
          {
            index,
            instructions: group.map((inner) => {
              const instruction = inner.instruction(); // Each call copies the instruction out of the machine.
              return {
                programIdIndex: instruction.programIdIndex(),
                accounts: [...instruction.accounts()],
                data: instruction.data(),
                stackHeight: inner.stackHeight(),
              };
            }),
          },
        ],
  );
}

function toOutcome(
  meta: TransactionMetadata,
  error: TransactionErrorJson | null,
): Omit<Execution, 'innerInstructions'> {
  const returned = meta.returnData();
  const data = returned.data();
  return {
    error,
    logs: meta.logs(),
    computeUnits: meta.computeUnitsConsumed(),
    returnData: data.length === 0 ? null : { programId: addressText(returned.programId()), data },
  };
}

function requireAddress(address: string): Uint8Array {
  const bytes = addressBytes(address);
  if (bytes === null) throw new TypeError(`not an address: ${address}`);
  return bytes;
}
