import type { GenesisAccount } from '../genesis-account.ts';
import type { InstructionAccount, SwapInstruction } from '../pools/swap-instruction.ts';
import type { Draws } from './draws.ts';

/** A swap that was spoiled on purpose: another instruction, or a changed account. */
export interface Spoiled {
  readonly instruction: SwapInstruction;
  /** Replaces the account at its address. */
  readonly account?: GenesisAccount;
  readonly label: string;
}

/** One swap in this many is spoiled. */
const RARITY = 5;

/**
 * Spoils a swap, which the devnet's programs must refuse as the programs of mainnet do: accounts omitted, exchanged,
 * replaced or not writable, instruction data cut off or changed, accounts of another owner, cut off or changed in one
 * byte.
 *
 * @param isKept Whether a byte of an account stays as it is.
 * @returns Null for most swaps, which stay as they are.
 */
export function spoil(
  draws: Draws,
  instruction: SwapInstruction,
  accounts: readonly GenesisAccount[],
  isKept: (address: string, offset: number) => boolean = () => false,
): Spoiled | null {
  if (!draws.once(RARITY)) return null;
  const { accounts: metas, data } = instruction;
  const at = draws.below(metas.length);
  // Only the original signers can sign: another account in a signer's place is unsigned.
  const signers = metas.filter(({ isSigner }) => isSigner).map(({ address }) => address);
  const withAccounts = (changed: readonly InstructionAccount[], label: string): Spoiled => ({
    instruction: {
      ...instruction,
      accounts: changed.map((meta) => ({
        ...meta,
        isSigner: meta.isSigner && signers.includes(meta.address),
      })),
    },
    label,
  });
  switch (draws.below(9)) {
    case 0:
      return withAccounts(metas.slice(0, at), `only ${at} accounts`);
    case 1: {
      const other = draws.below(metas.length);
      const address = metas[other]!.address;
      return withAccounts(
        replaced(metas, at, { address, isSigner: false }),
        `account ${other} as account ${at}`,
      );
    }
    case 2: {
      const other = accounts[draws.below(accounts.length)]!.address;
      return withAccounts(
        replaced(metas, at, { address: other, isSigner: false }),
        `${other} as account ${at}`,
      );
    }
    case 3: {
      const other = draws.below(metas.length);
      const exchanged = replaced(replaced(metas, at, metas[other]!), other, metas[at]!);
      return withAccounts(exchanged, `accounts ${at} and ${other} exchanged`);
    }
    case 4: {
      const isWritable = !metas[at]!.isWritable;
      return withAccounts(
        replaced(metas, at, { isWritable }),
        `account ${at} ${isWritable ? '' : 'not '}writable`,
      );
    }
    case 5:
      return withAccounts([...metas, metas[at]!], `account ${at} once more at the end`);
    case 6: {
      const length = draws.below(data.length + 3);
      const cut = new Uint8Array(length);
      cut.set(data.subarray(0, length));
      return { instruction: { ...instruction, data: cut }, label: `instruction data of ${length} bytes` };
    }
    case 7: {
      const changed = changedByte(draws, data);
      return { instruction: { ...instruction, data: changed.data }, label: `instruction ${changed.label}` };
    }
    default:
      return spoilAccount(draws, instruction, accounts, isKept);
  }
}

function spoilAccount(
  draws: Draws,
  instruction: SwapInstruction,
  accounts: readonly GenesisAccount[],
  isKept: (address: string, offset: number) => boolean,
): Spoiled {
  const account = accounts[draws.below(accounts.length)]!;
  const spoiled = (change: Partial<GenesisAccount>, label: string): Spoiled => ({
    instruction,
    account: { ...account, ...change },
    label: `${account.address} ${label}`,
  });
  switch (draws.below(3)) {
    case 0: {
      const owner = accounts[draws.below(accounts.length)]!.owner;
      return spoiled({ owner }, `owned by ${owner}`);
    }
    case 1: {
      const length = draws.below(account.data.length + 1);
      return spoiled({ data: account.data.slice(0, length) }, `cut to ${length} bytes`);
    }
    default: {
      const { data, label } = changedByte(draws, account.data, (at) => isKept(account.address, at));
      return spoiled({ data }, label);
    }
  }
}

function changedByte(
  draws: Draws,
  data: Uint8Array,
  isKept: (offset: number) => boolean = () => false,
): { data: Uint8Array; label: string } {
  if (data.length === 0) return { data, label: 'unchanged' };
  const at = draws.below(data.length);
  const value = draws.below(256);
  if (isKept(at)) return { data, label: 'unchanged' };
  const changed = data.slice();
  changed[at] = value;
  return { data: changed, label: `byte ${at} = ${value}` };
}

function replaced(
  metas: readonly InstructionAccount[],
  at: number,
  change: Partial<InstructionAccount>,
): InstructionAccount[] {
  return metas.map((meta, index) => (index === at ? { ...meta, ...change } : meta));
}
