import { encodeBase58 } from '@oee/amm';
import { costUnitsOf } from '../chain/cost-units.ts';
import { type ExecutedTransaction, parsedOf, type TokenBalance } from '../chain/executed-transaction.ts';
import type { Execution, InnerInstructionJson } from '../chain/vm.ts';
import { isStaticKeyWritable, type WireInstruction, type WireMessage } from '../chain/wire-transaction.ts';
import type { Config } from './params.ts';
import { invalidParams, RpcError } from './rpc-error.ts';
import { toTokenAmount } from './token-amount.ts';

const ENCODINGS = ['json', 'jsonParsed', 'base64', 'base58', 'binary'] as const;

/** `binary` is base58, without the name of the encoding. */
export type TransactionEncoding = (typeof ENCODINGS)[number];

/** The encoding that a client asks for, `json` where it names none. */
export function transactionEncodingOf(config: Config): TransactionEncoding {
  const encoding = config.encoding ?? 'json';
  if (ENCODINGS.includes(encoding as TransactionEncoding)) return encoding as TransactionEncoding;
  throw invalidParams(`Invalid params: unknown encoding ${String(encoding)}`);
}

/**
 * A transaction's version, for clients that name the versions they support; others get legacy transactions only.
 *
 * @throws {RpcError} The client does not support the version.
 */
export function supportedVersion(
  version: WireMessage['version'],
  maxVersion: number | null,
): { readonly version?: 'legacy' | 0 } {
  if (maxVersion !== null) return { version };
  if (version === 'legacy') return {};
  throw new RpcError(
    'unsupportedTransactionVersion',
    `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
}

/** A landed transaction's body in one of the forms of `getTransaction`. */
export function encodeTransactionBody(transaction: ExecutedTransaction, encoding: TransactionEncoding) {
  if (encoding === 'binary') return encodeBase58(transaction.bytes);
  if (encoding === 'base64') return [Buffer.from(transaction.bytes).toString('base64'), 'base64'];
  if (encoding === 'base58') return [encodeBase58(transaction.bytes), 'base58'];
  const { signatures, message } = parsedOf(transaction);
  const body = encoding === 'json' ? toPlainMessage(message) : toParsedMessage(message, transaction);
  return { signatures: signatures.map(encodeBase58), message: body };
}

/** The signatures and accounts of a transaction, as a block shows it whose `transactionDetails` are `accounts`. */
export function toAccountList(transaction: ExecutedTransaction) {
  const { signatures, message } = parsedOf(transaction);
  return { signatures: signatures.map(encodeBase58), accountKeys: toAccountKeys(message, transaction) };
}

/** The effects of a landed transaction in the shape of Solana's RPC. */
export function toTransactionMeta(transaction: ExecutedTransaction, encoding: TransactionEncoding) {
  const { accounts, innerInstructions, loadedWritable, loadedReadonly, returnData } = transaction;
  const loadedAddresses = { writable: loadedWritable, readonly: loadedReadonly };
  const isParsed = encoding === 'jsonParsed';
  return {
    ...toBalanceMeta(transaction),
    innerInstructions: isParsed
      ? toDecodedInnerInstructions(innerInstructions, accounts)
      : toInnerInstructions(innerInstructions),
    logMessages: transaction.logs,
    rewards: [],
    loadedAddresses: isParsed ? undefined : loadedAddresses,
    returnData: returnData ? toReturnData(returnData) : undefined,
    computeUnitsConsumed: transaction.computeUnits,
    costUnits: costUnits(transaction),
  };
}

/** The part of the effects with fees and balances. */
export function toBalanceMeta(transaction: ExecutedTransaction) {
  const { error } = transaction;
  return {
    err: error,
    status: error === null ? { Ok: null } : { Err: error },
    fee: transaction.fee,
    preBalances: transaction.preBalances,
    postBalances: transaction.postBalances,
    preTokenBalances: transaction.preTokenBalances.map(toTokenBalance),
    postTokenBalances: transaction.postTokenBalances.map(toTokenBalance),
  };
}

function costUnits(transaction: ExecutedTransaction): bigint | undefined {
  const { computeUnits, loadedDataBytes } = transaction;
  if (loadedDataBytes === undefined) return undefined;
  return costUnitsOf(parsedOf(transaction).message, { computeUnits, loadedDataBytes });
}

export function toInnerInstructions(groups: Execution['innerInstructions']) {
  return groups.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((inner: InnerInstructionJson) => ({
      ...inner,
      data: encodeBase58(inner.data),
    })),
  }));
}

function toDecodedInnerInstructions(groups: Execution['innerInstructions'], accounts: readonly string[]) {
  return groups.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map(({ programIdIndex, accounts: indexes, data, stackHeight }) => ({
      programId: accounts[programIdIndex],
      accounts: indexes.map((account) => accounts[account]),
      data: encodeBase58(data),
      stackHeight,
    })),
  }));
}

export function toReturnData(returnData: NonNullable<Execution['returnData']>) {
  return {
    programId: returnData.programId,
    data: [Buffer.from(returnData.data).toString('base64'), 'base64'],
  };
}

function toTokenBalance({ amount, decimals, ...balance }: TokenBalance) {
  return { ...balance, uiTokenAmount: toTokenAmount(amount, { decimals, factor: null }) };
}

function toPlainMessage(message: WireMessage) {
  return {
    header: {
      numRequiredSignatures: message.requiredSignatures,
      numReadonlySignedAccounts: message.readonlySigned,
      numReadonlyUnsignedAccounts: message.readonlyUnsigned,
    },
    accountKeys: message.staticKeys,
    recentBlockhash: message.blockhash,
    instructions: message.instructions.map(({ programIndex, accounts, data }) => ({
      programIdIndex: programIndex,
      accounts: [...accounts],
      data: encodeBase58(data),
      stackHeight: 1,
    })),
    addressTableLookups: message.version === 0 ? toTableLookups(message) : undefined,
  };
}

/** Accounts with their roles; instructions stay in the form that Agave uses for programs it cannot parse. */
function toParsedMessage(message: WireMessage, transaction: ExecutedTransaction) {
  return {
    accountKeys: toAccountKeys(message, transaction),
    recentBlockhash: message.blockhash,
    instructions: message.instructions.map((one) => toDecodedInstruction(one, transaction.accounts)),
    addressTableLookups: message.version === 0 ? toTableLookups(message) : undefined,
  };
}

function toAccountKeys(message: WireMessage, { accounts, loadedWritable }: ExecutedTransaction) {
  const own = message.staticKeys.length;
  return accounts.map((pubkey, index) => ({
    pubkey,
    signer: index < message.requiredSignatures,
    source: index < own ? 'transaction' : 'lookupTable',
    writable: index < own ? isStaticKeyWritable(message, index) : index < own + loadedWritable.length,
  }));
}

function toDecodedInstruction(instruction: WireInstruction, accounts: readonly string[]) {
  return {
    programId: accounts[instruction.programIndex],
    accounts: [...instruction.accounts].map((index) => accounts[index]),
    data: encodeBase58(instruction.data),
    stackHeight: 1,
  };
}

function toTableLookups(message: WireMessage) {
  return message.lookups.map(({ table, writable, readonly }) => ({
    accountKey: table,
    writableIndexes: [...writable],
    readonlyIndexes: [...readonly],
  }));
}
