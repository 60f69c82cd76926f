import { createHash } from 'node:crypto';
import { encodeBase58 } from '@oee/amm';
import type { Call } from '../faults/faults.ts';
import type { DevnetNode } from '../node.ts';
import type { Config, Params } from './params.ts';
import { transactionParam } from './transaction-bytes.ts';

/** Lead of the other chain in slots and blocks: further than any blockhash of this chain is valid. */
const AHEAD = 1_000_000;

interface Question {
  readonly method: string;
  readonly params: Params;
  readonly call: Call;
}

/** The parameters that a node answers in place of the requested ones. */
export function mistakenParams({ faults, ledger }: DevnetNode, { method, params, call }: Question): Params {
  if (method !== 'getTransaction' || !faults.mistakes('otherTransaction', call)) return params;
  const others = [...ledger.history.all()].filter(({ signature }) => signature !== params[0]);
  const other = others.at(-1);
  return other ? [other.signature, ...params.slice(1)] : params;
}

/**
 * The answer of a node of another chain; undefined if this chain's answer applies. It has the same accounts and
 * programs.
 */
export function answerElsewhere(
  { chain }: DevnetNode,
  { method, params }: Question,
): { readonly result: unknown } | undefined {
  switch (method) {
    case 'getGenesisHash':
      return { result: otherHash(chain.genesisHash) };
    case 'sendTransaction':
      return { result: transactionParam(params[0], (params[1] as Config | undefined)?.encoding).signature };
    case 'getFirstAvailableBlock':
    case 'minimumLedgerSlot':
      return { result: 0 };
    case 'getTransaction':
    case 'getBlock':
    case 'getBlockTime':
      return { result: null };
    case 'getSignaturesForAddress':
    case 'getBlocks':
    case 'getBlocksWithLimit':
      return { result: [] };
    default:
      return undefined;
  }
}

/** Turns an answer of this chain into one of another chain: later, with other blockhashes, and without our history. */
export function moveElsewhere(method: string, result: unknown): unknown {
  if (typeof result === 'number')
    return method === 'getSlot' || method === 'getBlockHeight' ? result + AHEAD : result;
  if (typeof result !== 'object' || result === null) return result;
  const fields = result as Record<string, unknown>;
  if (method === 'getEpochInfo')
    return {
      ...fields,
      absoluteSlot: (fields.absoluteSlot as number) + AHEAD,
      blockHeight: (fields.blockHeight as number) + AHEAD,
    };
  const context = fields.context as { readonly slot: number } | undefined;
  if (context === undefined) return result;
  return {
    context: { ...context, slot: context.slot + AHEAD },
    value: valueElsewhere(method, fields.value),
  };
}

function valueElsewhere(method: string, value: unknown): unknown {
  if (method === 'getSignatureStatuses') return (value as unknown[]).map(() => null);
  if (method === 'isBlockhashValid') return false;
  if (method !== 'getLatestBlockhash') return value;
  const { blockhash, lastValidBlockHeight } = value as { blockhash: string; lastValidBlockHeight: number };
  return { blockhash: otherHash(blockhash), lastValidBlockHeight: lastValidBlockHeight + AHEAD };
}

const otherHash = (hash: string): string =>
  encodeBase58(createHash('sha256').update(`another ${hash}`).digest());
