import { encodeBase58 } from '../chain/base58.ts';
import type { ExecutedTransaction, TokenBalance } from '../chain/executed-transaction.ts';
import type { Execution, InnerInstructionJson } from '../chain/vm.ts';
import {
  isStaticKeyWritable,
  parseTransaction,
  type WireInstruction,
  type WireMessage,
} from '../chain/wire-transaction.ts';
import { toTokenAmount } from './token-amount.ts';

export type TransactionEncoding = 'json' | 'jsonParsed' | 'base64' | 'base58';

/** A landed transaction's body in one of the forms of `getTransaction`. */
export function encodeTransactionBody(transaction: ExecutedTransaction, encoding: TransactionEncoding) {
  if (encoding === 'base64') return [Buffer.from(transaction.bytes).toString('base64'), 'base64'];
  if (encoding === 'base58') return [encodeBase58(transaction.bytes), 'base58'];
  const { signatures, message } = parseTransaction(transaction.bytes);
  const body = encoding === 'json' ? toPlainMessage(message) : toParsedMessage(message, transaction);
  return { signatures: signatures.map(encodeBase58), message: body };
}

/** What a landed transaction did, in the shape of Solana's RPC. */
export function toTransactionMeta(transaction: ExecutedTransaction) {
  const { error, loadedWritable, loadedReadonly, returnData } = transaction;
  return {
    err: error,
    status: error === null ? { Ok: null } : { Err: error },
    fee: transaction.fee,
    preBalances: transaction.preBalances,
    postBalances: transaction.postBalances,
    innerInstructions: toInnerInstructions(transaction.innerInstructions),
    logMessages: transaction.logs,
    preTokenBalances: transaction.preTokenBalances.map(toTokenBalance),
    postTokenBalances: transaction.postTokenBalances.map(toTokenBalance),
    rewards: [],
    loadedAddresses: { writable: loadedWritable, readonly: loadedReadonly },
    returnData: returnData ? toReturnData(returnData) : undefined,
    computeUnitsConsumed: transaction.computeUnits,
  };
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

export function toReturnData(returnData: NonNullable<Execution['returnData']>) {
  return {
    programId: returnData.programId,
    data: [Buffer.from(returnData.data).toString('base64'), 'base64'],
  };
}

function toTokenBalance({ amount, decimals, ...balance }: TokenBalance) {
  return { ...balance, uiTokenAmount: toTokenAmount(amount, decimals) };
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
function toParsedMessage(message: WireMessage, { accounts, loadedWritable }: ExecutedTransaction) {
  const own = message.staticKeys.length;
  return {
    accountKeys: accounts.map((pubkey, index) => ({
      pubkey,
      signer: index < message.requiredSignatures,
      source: index < own ? 'transaction' : 'lookupTable',
      writable: index < own ? isStaticKeyWritable(message, index) : index < own + loadedWritable.length,
    })),
    recentBlockhash: message.blockhash,
    instructions: message.instructions.map((instruction) => toDecodedInstruction(instruction, accounts)),
    addressTableLookups: message.version === 0 ? toTableLookups(message) : undefined,
  };
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
