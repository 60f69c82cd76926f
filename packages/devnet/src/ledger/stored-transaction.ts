import type { ExecutedTransaction, TokenBalance } from '../chain/executed-transaction.ts';

/** An executed transaction as JSON: whole numbers that may exceed 2^53 are texts, bytes are base64. */
export function encodeTransaction(transaction: ExecutedTransaction): Buffer {
  const { innerInstructions, returnData } = transaction;
  const stored = {
    ...transaction,
    bytes: toBase64(transaction.bytes),
    fee: String(transaction.fee),
    computeUnits: String(transaction.computeUnits),
    preBalances: transaction.preBalances.map(String),
    postBalances: transaction.postBalances.map(String),
    preTokenBalances: transaction.preTokenBalances.map(storeTokenBalance),
    postTokenBalances: transaction.postTokenBalances.map(storeTokenBalance),
    innerInstructions: innerInstructions.map(({ index, instructions }) => ({
      index,
      instructions: instructions.map((inner) => ({ ...inner, data: toBase64(inner.data) })),
    })),
    returnData: returnData && { ...returnData, data: toBase64(returnData.data) },
  };
  return Buffer.from(JSON.stringify(stored));
}

type Rewritten = 'bytes' | 'fee' | 'computeUnits' | 'preBalances' | 'postBalances';
type RewrittenLists = 'preTokenBalances' | 'postTokenBalances' | 'innerInstructions' | 'returnData';

type Stored = Omit<ExecutedTransaction, Rewritten | RewrittenLists> & {
  bytes: string;
  fee: string;
  computeUnits: string;
  preBalances: string[];
  postBalances: string[];
  preTokenBalances: StoredTokenBalance[];
  postTokenBalances: StoredTokenBalance[];
  innerInstructions: {
    index: number;
    instructions: { programIdIndex: number; accounts: number[]; data: string; stackHeight: number }[];
  }[];
  returnData: { programId: string; data: string } | null;
};
type StoredTokenBalance = Omit<TokenBalance, 'amount'> & { amount: string };

export function decodeTransaction(bytes: Buffer): ExecutedTransaction {
  const stored = JSON.parse(bytes.toString()) as Stored;
  const { returnData } = stored;
  return {
    ...stored,
    bytes: Buffer.from(stored.bytes, 'base64'),
    fee: BigInt(stored.fee),
    computeUnits: BigInt(stored.computeUnits),
    preBalances: stored.preBalances.map(BigInt),
    postBalances: stored.postBalances.map(BigInt),
    preTokenBalances: stored.preTokenBalances.map(restoreTokenBalance),
    postTokenBalances: stored.postTokenBalances.map(restoreTokenBalance),
    innerInstructions: stored.innerInstructions.map(({ index, instructions }) => ({
      index,
      instructions: instructions.map((inner) => ({ ...inner, data: Buffer.from(inner.data, 'base64') })),
    })),
    returnData: returnData && { ...returnData, data: Buffer.from(returnData.data, 'base64') },
  };
}

function storeTokenBalance(balance: TokenBalance): StoredTokenBalance {
  return { ...balance, amount: String(balance.amount) };
}

function restoreTokenBalance(balance: StoredTokenBalance): TokenBalance {
  return { ...balance, amount: BigInt(balance.amount) };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
