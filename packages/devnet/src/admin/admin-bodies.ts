import { addressBytes } from '../chain/addresses.ts';
import { badBody } from '../http/problem.ts';
import type { Funding } from './fund.ts';

const U64_MAX = 2n ** 64n - 1n;
const MAX_TOKENS = 64;
const MAX_ADVANCE = 100_000;
const MAX_FORK = 1_000;

export type Fields = Record<string, unknown>;

/** `{owner, lamports?, tokens?: [{mint, amount}]}`, amounts as decimal strings of base units. */
export function parseFunding(body: unknown): Funding {
  const { owner, lamports, tokens } = fieldsOf(body, 'the body', ['owner', 'lamports', 'tokens']);
  const list = tokens ?? [];
  if (!Array.isArray(list) || list.length > MAX_TOKENS) {
    throw badBody(
      `tokens must be a list of at most ${MAX_TOKENS}.`,
      'Send [{"mint": "…", "amount": "1000000"}].',
    );
  }
  return {
    owner: parseAddress(owner, 'owner'),
    lamports: lamports === undefined ? 0n : parseU64(lamports, 'lamports'),
    tokens: list.map((entry, index) => {
      const { mint, amount } = fieldsOf(entry, `tokens[${index}]`, ['mint', 'amount']);
      return {
        mint: parseAddress(mint, `tokens[${index}].mint`),
        amount: parseU64(amount, `tokens[${index}].amount`),
      };
    }),
  };
}

/** `{slots}` or `{blocks}`: how far the chain goes on. */
export function parseAdvance(body: unknown): { slots: number } | { blocks: number } {
  const { slots, blocks } = fieldsOf(body, 'the body', ['slots', 'blocks']);
  if ((slots === undefined) === (blocks === undefined)) {
    throw badBody('Give either slots or blocks.', 'Send {"slots": 10} or {"blocks": 151}.');
  }
  if (slots !== undefined) return { slots: parseCount(slots, 'slots', 1, MAX_ADVANCE) };
  return { blocks: parseCount(blocks, 'blocks', 1, MAX_ADVANCE) };
}

/** `{blocks, transactions?}`: how many blocks are abandoned, and what becomes of their transactions. */
export function parseFork(body: unknown): { blocks: number; transactions: 'return' | 'lose' } {
  const { blocks, transactions = 'return' } = fieldsOf(body, 'the body', ['blocks', 'transactions']);
  if (transactions !== 'return' && transactions !== 'lose') {
    throw badBody('transactions must be "return" or "lose".', 'Send {"blocks": 3, "transactions": "lose"}.');
  }
  return { blocks: parseCount(blocks, 'blocks', 1, MAX_FORK), transactions };
}

export function parseCount(value: unknown, name: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw badBody(`${name} must be a whole number from ${least} to ${most}.`, 'Send a JSON number.');
}

function parseAddress(value: unknown, name: string): string {
  if (typeof value === 'string' && addressBytes(value) !== null) return value;
  throw badBody(`${name} must be a base58 address of 32 bytes.`, 'Copy it from a wallet or an explorer.');
}

export function parseU64(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) <= U64_MAX) return BigInt(value);
  throw badBody(
    `${name} must be a decimal string of base units, at most 2^64 - 1.`,
    'Send "1000000000" for 1 SOL.',
  );
}

export function fieldsOf(value: unknown, name: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badBody(`${name} must be an object.`, `Its fields are ${known.join(', ')}.`);
  }
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown === undefined) return value as Fields;
  throw badBody(`${name} has no field ${JSON.stringify(unknown)}.`, `Its fields are ${known.join(', ')}.`);
}
