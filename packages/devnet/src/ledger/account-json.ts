import type { AccountState } from '../chain/vm.ts';

/** An account in the ledger's files. */
export interface AccountJson {
  readonly lamports: string;
  readonly owner: string;
  readonly executable: boolean;
  /** Base64. */
  readonly data: string;
}

export function toAccountJson(state: AccountState): AccountJson {
  const { lamports, owner, executable, data } = state;
  return { lamports: String(lamports), owner, executable, data: Buffer.from(data).toString('base64') };
}

export function fromAccountJson(json: AccountJson): AccountState {
  const { lamports, owner, executable, data } = json;
  return { lamports: BigInt(lamports), owner, executable, data: Buffer.from(data, 'base64') };
}
