import { addressBytes, NATIVE_MINT } from '@oee/solana';
import type { Funding } from '../market/fund.ts';
import type { LaunchOrder } from '../market/launch.ts';
import { badBody } from '../problem.ts';

const U64_MAX = 2n ** 64n - 1n;
const MAX_TOKENS = 64;
const MAX_ADVANCE = 100_000;
const MAX_FORK = 1_000;
const MAX_POOL_AMOUNT = 10n ** 18n;

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

/** `{symbol, baseAmount, quoteAmount, name?, decimals?, kind?, rangePercent?, quoteMint?, opensInSlots?}`. */
export function parseLaunch(body: unknown): LaunchOrder {
  const known = [
    'symbol',
    'name',
    'decimals',
    'kind',
    'rangePercent',
    'quoteMint',
    'baseAmount',
    'quoteAmount',
    'opensInSlots',
  ];
  const fields = fieldsOf(body, 'the body', known);
  const { symbol, name = symbol, decimals = 6, quoteMint = NATIVE_MINT, opensInSlots = 0 } = fields;
  if (typeof symbol !== 'string' || !/^[A-Za-z0-9]{1,16}$/.test(symbol)) {
    throw badBody('symbol must be 1 to 16 letters and digits.', 'Send {"symbol": "NEW", …}.');
  }
  if (typeof name !== 'string' || name.length > 64) throw badBody('name must be a text of at most 64.', '');
  const kind = parseKind(fields.kind ?? 'raydium-cpmm');
  const { rangePercent } = fields;
  if (rangePercent !== undefined && kind !== 'meteora-damm-v2') {
    throw badBody('Only pools of meteora-damm-v2 have a price range.', 'Leave rangePercent out.');
  }
  return {
    symbol,
    name,
    decimals: parseCount(decimals, 'decimals', 0, 12),
    kind,
    rangePercent: rangePercent === undefined ? 100 : parseCount(rangePercent, 'rangePercent', 1, 100),
    quoteMint: parseAddress(quoteMint, 'quoteMint'),
    baseAmount: parsePoolAmount(fields.baseAmount, 'baseAmount'),
    quoteAmount: parsePoolAmount(fields.quoteAmount, 'quoteAmount'),
    opensInSlots: parseCount(opensInSlots, 'opensInSlots', 0, MAX_ADVANCE),
  };
}

/** `{pool, opensInSlots?}`. */
export function parseMigration(body: unknown): { pool: string; opensInSlots: number } {
  const { pool, opensInSlots = 0 } = fieldsOf(body, 'the body', ['pool', 'opensInSlots']);
  return {
    pool: parseAddress(pool, 'pool'),
    opensInSlots: parseCount(opensInSlots, 'opensInSlots', 0, MAX_ADVANCE),
  };
}

function parseKind(value: unknown): LaunchOrder['kind'] {
  if (value === 'raydium-cpmm' || value === 'meteora-damm-v2') return value;
  throw badBody('kind must be "raydium-cpmm" or "meteora-damm-v2".', 'Leave it out for raydium-cpmm.');
}

/** Bounds of a pool's amount: enough for a price, and so little that no sum overflows. */
function parsePoolAmount(value: unknown, name: string): bigint {
  const amount = parseU64(value, name);
  if (amount >= 1_000n && amount <= MAX_POOL_AMOUNT) return amount;
  throw badBody(`${name} must be 1000 to 10^18 base units.`, 'Send "1000000000" for 1 SOL.');
}

/** `{slots}` or `{blocks}`: how far the chain advances. */
export function parseAdvance(body: unknown): { slots: number } | { blocks: number } {
  const { slots, blocks } = fieldsOf(body, 'the body', ['slots', 'blocks']);
  if ((slots === undefined) === (blocks === undefined)) {
    throw badBody('Give either slots or blocks.', 'Send {"slots": 10} or {"blocks": 151}.');
  }
  if (slots !== undefined) return { slots: parseCount(slots, 'slots', 1, MAX_ADVANCE) };
  return { blocks: parseCount(blocks, 'blocks', 1, MAX_ADVANCE) };
}

/** `{blocks, transactions?}`: how many blocks the fork drops, and what happens to their transactions. */
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
