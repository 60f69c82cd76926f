export interface Question {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A node answers these from memory: a list of them is answered as soon as one of them. */
const QUICK: ReadonlySet<string> = new Set([
  'getBalance',
  'getBlockHeight',
  'getEpochInfo',
  'getFirstAvailableBlock',
  'getGenesisHash',
  'getLatestBlockhash',
  'getMinimumBalanceForRentExemption',
  'getRecentPrioritizationFees',
  'getSlot',
]);
/** Their answers may be megabytes. */
const BIG: ReadonlySet<string> = new Set([
  'getMultipleAccounts',
  'getProgramAccounts',
  'getSignaturesForAddress',
  'getTokenAccountsByOwner',
]);

const MOST_QUICK = 50;
// A node may run them one after another, a few milliseconds each.
const MOST_SLOW = 10;

/** Questions that may share a request. A request is answered as a whole, so its slowest question delays all others. */
export interface Lane {
  readonly name: string;
  /** Questions in one request. */
  readonly most: number;
}

export const hasBigAnswer = ({ method }: Question): boolean => BIG.has(method);

/**
 * Quick questions share requests with each other, slow ones only with those of their method; one with a big answer shares
 * none: null.
 */
export function laneOf(question: Question): Lane | null {
  if (hasBigAnswer(question)) return null;
  const { method } = question;
  return QUICK.has(method) ? { name: 'quick', most: MOST_QUICK } : { name: method, most: MOST_SLOW };
}
