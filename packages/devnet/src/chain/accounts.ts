import type { AccountState, Vm } from './vm.ts';

const MAX_KEPT_ACCOUNTS = 20_000;
/** Its accounts, the clock among them, change without a transaction. */
const SYSVAR_OWNER = 'Sysvar1111111111111111111111111111111111111';

/**
 * The machine's accounts as values, each copied out of the machine once per change. The same state is the same object,
 * so what is derived from an account can be kept beside it.
 */
export class Accounts {
  private readonly vm: Vm;
  private readonly kept = new Map<string, AccountState | null>();
  /** All accounts of the programs that were asked for. */
  private readonly byProgram = new Map<string, Map<string, AccountState>>();

  constructor(vm: Vm) {
    this.vm = vm;
  }

  /** An account, or null where it does not exist. Its data must not be changed. */
  read(address: string): AccountState | null {
    const known = this.kept.get(address);
    return known === undefined ? this.keep(address, this.vm.account(address)) : known;
  }

  /** Writes an account without any rule of the chain. */
  set(address: string, state: AccountState): void {
    this.vm.setAccount(address, state);
    this.reread(address);
  }

  /** Copies an account that may have changed. One that did not stays the same object. */
  reread(address: string): AccountState | null {
    const former = this.kept.get(address);
    const found = this.vm.account(address);
    if (former !== undefined && isSame(former, found)) return former;
    const state = this.keep(address, found);
    for (const [program, accounts] of this.byProgram) {
      if (state?.owner === program) accounts.set(address, state);
      else accounts.delete(address);
    }
    return state;
  }

  /** All accounts of a program, by address, in no order. */
  ofProgram(program: string): ReadonlyMap<string, AccountState> {
    const known = this.byProgram.get(program);
    if (known !== undefined) return known;
    const accounts = this.vm.programAccounts(program);
    if (program !== SYSVAR_OWNER && this.programAccountsKept() + accounts.size <= MAX_KEPT_ACCOUNTS) {
      this.byProgram.set(program, accounts);
    }
    return accounts;
  }

  private programAccountsKept(): number {
    let count = 0;
    for (const accounts of this.byProgram.values()) count += accounts.size;
    return count;
  }

  private keep(address: string, state: AccountState | null): AccountState | null {
    if (state?.owner === SYSVAR_OWNER) return state;
    if (this.kept.size >= MAX_KEPT_ACCOUNTS) this.kept.clear();
    this.kept.set(address, state);
    return state;
  }
}

export function isSame(a: AccountState | null, b: AccountState | null): boolean {
  if (a === null || b === null || a === b) return a === b;
  if (a.lamports !== b.lamports || a.owner !== b.owner || a.executable !== b.executable) return false;
  return Buffer.compare(a.data, b.data) === 0;
}
