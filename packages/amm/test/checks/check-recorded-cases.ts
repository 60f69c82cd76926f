import { decodeMint, decodeTokenAccount } from '../../src/accounts/token-accounts.ts';
import { type PoolQuoteRequest, type QuoteOutcome, quote } from '../../src/quote.ts';
import { transferFeeAt } from '../../src/transfer-fee.ts';
import { type CheckResult, problemOf } from './check-result.ts';
import {
  type RecordedAccount,
  readRecordedAccount,
  readRecordedClock,
  withBytes,
} from './recorded-account.ts';
import { RECORDED_KINDS, type RecordedKind, type RecordedSwap } from './recorded-kinds.ts';
import { type Json, listOf, optionOf, recordOf, textOf } from './vector-fields.ts';

interface Case {
  readonly kind: RecordedKind;
  /** Address of each account by its name. */
  readonly names: ReadonlyMap<string, string>;
  /** Data of each account by its address, as the swaps so far have left it. */
  readonly states: Map<string, Buffer>;
}

/**
 * Replays what `npm run differential -- --record DIR` wrote against the quotes: pools of any kind, each with its accounts and
 * the swaps that a program of mainnet made or refused. Of a swap that landed, what the wallet sent and received must be what
 * is quoted on the accounts before it. Of one that was refused at its limit, the quote must be beyond that. Other refusals
 * (spoiled accounts, arrays that are not named, a wallet that holds too little) say nothing of a quote and are left out.
 *
 * @throws {Error} It is no such recording.
 */
export function checkRecordedCases(cases: readonly unknown[]): CheckResult[] {
  return cases.flatMap((entry, caseIndex) => {
    const recorded = recordOf(entry, `case ${caseIndex}`);
    const at = readCase(recordOf(recorded.accounts, 'accounts'));
    return listOf(recorded.steps, 'steps').flatMap((value, index) => {
      const step = recordOf(value, `swap ${index}`);
      const id = `case ${caseIndex}, swap ${index}, ${step.label}`;
      let isJudged = true;
      const problem = problemOf(() => {
        const differences = checkStep(at, step);
        isJudged = differences !== null;
        return differences ?? [];
      });
      return isJudged ? [{ id, problem }] : [];
    });
  });
}

function readCase(recorded: Json): Case {
  const accounts = Object.entries(recorded).map(
    ([name, account]) => [name, readRecordedAccount(account, name)] as const,
  );
  const pool = accounts.find(([name]) => name === 'pool')?.[1];
  if (pool === undefined) throw new Error('a case has no account named "pool"');
  return {
    kind: optionOf(RECORDED_KINDS, pool.owner, 'program'),
    names: new Map(accounts.map(([name, { address }]) => [name, address])),
    states: new Map(accounts.map(([, { address, data }]) => [address, data])),
  };
}

/** Also moves the accounts on. @returns What differs; null where the step says nothing of a quote. */
function checkStep(at: Case, step: Json): string[] | null {
  if (step.spoiled !== undefined) place(at, readRecordedAccount(step.spoiled, 'spoiled'));
  const before = new Map(at.states);
  for (const [address, bytes] of Object.entries(recordOf(step.changes, 'changes')))
    at.states.set(address, withBytes(before.get(address) ?? Buffer.alloc(0), bytes));

  const isAtLimit = at.kind.limitCodes.includes(step.error as number);
  if (step.isSpoiled === true || step.spoiled !== undefined || (step.error !== null && !isAtLimit))
    return null;
  const swap = at.kind.swapOf(Buffer.from(textOf(step, 'data'), 'hex'));
  if (swap === null || (isAtLimit && swap.limit === null)) return null;
  const earlier: Case = { ...at, states: before };
  const { inputIndex, request } = requestOf(earlier, step, swap);
  const arrays = arraysOf(earlier, namedBy(step));
  const outcome = quote(at.kind.poolOf({ read: reader(earlier), arrays }), request);
  if (step.error !== null) return compareLimit(swap, outcome, step.error);
  if (outcome.outcome === 'refused' && outcome.reason === 'not-open-yet' && isOpenEarly(earlier, step))
    return null;
  return compareMoved(movedBetween(earlier, at, inputIndex), outcome);
}

function place({ states }: Case, { address, data }: RecordedAccount): void {
  states.set(address, data);
}

function requestOf(
  at: Case,
  step: Json,
  swap: RecordedSwap,
): { inputIndex: 0 | 1; request: PoolQuoteRequest } {
  const users = at.kind.sides.map((side) => at.names.get(`user${side}`));
  // Every program's swap names the account that pays before the one that is paid.
  const payer = namedBy(step).find((address) => users.includes(address));
  if (payer === undefined) throw new Error('the instruction names no account of the wallet');
  const inputIndex = users.indexOf(payer) as 0 | 1;
  const clock = readRecordedClock(step);
  const [first, second] = at.kind.sides.map((side) => {
    const { transferFeeConfig } = decodeMint(
      reader(at)(at.names.has(`mint${side}`) ? `mint${side}` : `${side.toLowerCase()}Mint`),
    );
    return transferFeeConfig && transferFeeAt(transferFeeConfig, clock.epoch);
  });
  const common = { inputIndex, clock, transferFees: [first!, second!] } as const;
  const { swapMode, amount } = swap;
  const request: PoolQuoteRequest =
    swapMode === 'exactOut'
      ? { swapMode, ...common, amountOut: amount }
      : { swapMode, ...common, amountIn: amount };
  return { inputIndex, request };
}

function isOpenEarly(at: Case, step: Json): boolean {
  const signer = listOf(step.accounts, 'accounts').find((account) => /\+s/.test(String(account)));
  return at.kind.isOpenEarlyTo?.(reader(at)('pool'), String(signer).split('+')[0]!) ?? false;
}

const namedBy = (step: Json): string[] =>
  listOf(step.accounts, 'accounts').map((account) => String(account).split('+')[0]!);

const reader =
  ({ names, states }: Case) =>
  (name: string): Uint8Array => {
    const data = states.get(names.get(name) ?? '');
    if (data === undefined) throw new Error(`a case has no account named "${name}"`);
    return data;
  };

/** In the order of their names, as a pool holds them. */
function arraysOf({ names, states }: Case, named: readonly string[]): Uint8Array[] {
  return [...names].flatMap(([name, address]) =>
    name.startsWith('array ') && named.includes(address) ? [states.get(address)!] : [],
  );
}

function movedBetween(before: Case, after: Case, inputIndex: 0 | 1) {
  const gained = before.kind.sides.map((side) => {
    const [earlier, later] = [before, after].map(
      (at) => decodeTokenAccount(reader(at)(`user${side}`)).amount,
    );
    return later! - earlier!;
  });
  return { amountIn: -gained[inputIndex]!, amountOut: gained[1 - inputIndex]! };
}

function compareMoved(moved: { amountIn: bigint; amountOut: bigint }, outcome: QuoteOutcome): string[] {
  if (outcome.outcome === 'refused') {
    // Programs let a swap through that pays nothing; quotes refuse it on purpose.
    if (outcome.reason === 'zero-amount-out' && moved.amountOut === 0n) return [];
    return [`the program went through, the quote refused: ${outcome.reason}`];
  }
  return (['amountIn', 'amountOut'] as const).flatMap((field) =>
    outcome.quote[field] === moved[field]
      ? []
      : [`${field}: expected ${moved[field]}, got ${outcome.quote[field]}`],
  );
}

function compareLimit({ swapMode, limit }: RecordedSwap, outcome: QuoteOutcome, code: unknown): string[] {
  if (outcome.outcome === 'refused') return [];
  const { amountIn, amountOut } = outcome.quote;
  const isBeyond = swapMode === 'exactOut' ? amountIn > limit! : amountOut < limit!;
  const promised = swapMode === 'exactOut' ? `${amountIn} in` : `${amountOut} out`;
  return isBeyond
    ? []
    : [`the program refused with ${code} at the limit ${limit}, the quote gives ${promised}`];
}
