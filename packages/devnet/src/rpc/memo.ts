import { MEMO_PROGRAM, MEMO_V1_PROGRAM } from '@oee/solana';
import { parseTransaction } from '../chain/wire-transaction.ts';

const MEMO_PROGRAMS = [MEMO_PROGRAM, MEMO_V1_PROGRAM];

/** The memos of a transaction as a node lists them: `[length] text`, joined by "; "; null without one. */
export function memoOf(bytes: Uint8Array): string | null {
  const { message } = parseTransaction(bytes);
  const memos = message.instructions
    .filter(({ programIndex }) => MEMO_PROGRAMS.includes(message.staticKeys[programIndex] ?? ''))
    .map(({ data }) => `[${data.length}] ${toText(data)}`);
  return memos.length > 0 ? memos.join('; ') : null;
}

function toText(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return '(unparseable)';
  }
}
