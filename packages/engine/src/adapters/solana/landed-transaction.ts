import { decodeBase58 } from '@oee/amm';
import { MEMO_PROGRAM } from '@oee/solana';
import { toSignature } from '../../domain/signature.ts';
import { type Mint, toMint } from '../../domain/token.ts';
import type { LandedTransaction, TokenAccountChange } from '../../ports/chain.ts';
import { MalformedAnswer, toFields, toList, toText, toU64 } from './exact-json.ts';
import type { ErrorReader } from './transaction-error.ts';

interface Change {
  readonly before: bigint;
  readonly after: bigint;
}

/**
 * The answer of `getTransaction` with encoding `json`. Balances are listed by account index: the message's own
 * keys first, then those of lookup tables, writable before read-only.
 *
 * @throws {MalformedAnswer} The shape is not Solana's, or the node left the meta out.
 */
export function toLandedTransaction(result: unknown, readError: ErrorReader): LandedTransaction {
  const answer = toFields(result);
  const meta = toFields(answer.meta);
  const transaction = toFields(answer.transaction);
  const message = toFields(transaction.message);
  const addresses = accountAddresses(message, meta);
  const lamports = lamportChanges(addresses, meta);
  const tokenAccounts = tokenAccountChanges(addresses, meta);
  const tokens = new Map(tokenAccounts.map((account) => [account.address, account]));
  const logs = Array.isArray(meta.logMessages) ? meta.logMessages.map(String) : [];
  const error = meta.err ?? null;
  return {
    signature: toSignature(toText(toList(transaction.signatures)[0])),
    payer: toText(addresses[0]),
    memo: memoOf(message, addresses),
    slot: toU64(answer.slot),
    error:
      error === null
        ? null
        : readError(error, { logs, programOf: (index) => programOf(message, addresses, index) }),
    feeLamports: toU64(meta.fee),
    ...(typeof meta.computeUnitsConsumed === 'number' && { computeUnits: meta.computeUnitsConsumed }),
    lamports: (address) => lamports.get(address),
    tokens: (tokenAccount) => tokens.get(tokenAccount),
    tokenAccounts,
  };
}

function programOf(
  message: Readonly<Record<string, unknown>>,
  addresses: readonly string[],
  instruction: number,
): string | undefined {
  const called = toList(message.instructions)[instruction];
  return called === undefined ? undefined : addresses[Number(toFields(called).programIdIndex)];
}

function accountAddresses(
  message: Readonly<Record<string, unknown>>,
  meta: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = toList(message.accountKeys).map(toText);
  if (meta.loadedAddresses === undefined || meta.loadedAddresses === null) return keys;
  const loaded = toFields(meta.loadedAddresses);
  return [...keys, ...toList(loaded.writable).map(toText), ...toList(loaded.readonly).map(toText)];
}

/** The first memo, as text; ours are always text. */
function memoOf(message: Readonly<Record<string, unknown>>, addresses: readonly string[]): string | null {
  const memo = toList(message.instructions)
    .map(toFields)
    .find(({ programIdIndex }) => addresses[Number(programIdIndex)] === MEMO_PROGRAM);
  if (!memo) return null;
  try {
    return new TextDecoder().decode(decodeBase58(toText(memo.data)));
  } catch (error) {
    throw new MalformedAnswer(`a memo in base58 (${(error as Error).message})`);
  }
}

function lamportChanges(
  addresses: readonly string[],
  meta: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Change> {
  const before = toList(meta.preBalances);
  const after = toList(meta.postBalances);
  return new Map(
    addresses.map((address, index) => [
      address,
      { before: toU64(before[index]), after: toU64(after[index]) },
    ]),
  );
}

/** An account that the transaction opened has no balance before it, and a closed one has none after it. */
function tokenAccountChanges(
  addresses: readonly string[],
  meta: Readonly<Record<string, unknown>>,
): readonly TokenAccountChange[] {
  const before = tokenBalances(addresses, meta.preTokenBalances);
  const after = tokenBalances(addresses, meta.postTokenBalances);
  return [...new Map([...before, ...after])].map(([address, { mint, owner }]) => ({
    address,
    mint,
    owner,
    before: before.get(address)?.amount ?? 0n,
    after: after.get(address)?.amount ?? 0n,
  }));
}

interface TokenBalance {
  readonly mint: Mint;
  readonly owner: string;
  readonly amount: bigint;
}

function tokenBalances(addresses: readonly string[], balances: unknown): ReadonlyMap<string, TokenBalance> {
  return new Map(
    toList(balances ?? []).map((entry) => {
      const fields = toFields(entry);
      const address = toText(addresses[Number(fields.accountIndex)]);
      const amount = toU64(toFields(fields.uiTokenAmount).amount);
      return [address, { mint: toMint(toText(fields.mint)), owner: toText(fields.owner), amount }];
    }),
  );
}
