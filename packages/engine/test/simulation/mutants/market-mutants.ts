import type { Mutant } from '../mutant.ts';

/** What the market says, and what says nothing about it. */
export const MARKET_MUTANTS: readonly Mutant[] = [
  {
    name: 'limit-follows-the-price',
    why: 'each try has its own quote, so its own limit',
    file: 'execution/quoting/choose-route.ts',
    find: 'order.limitAmount ?? firstLimit(order, best, { slippageBps, seen })',
    replace: 'firstLimit(order, best, { slippageBps, seen })',
  },
  {
    name: 'fill-from-the-input-side',
    why: 'both sides of a pool show the swap',
    file: 'execution/attempts/read-fill.ts',
    find: '-sumOfChanges(landed, fillAccounts.vaultsOut);',
    replace: 'sumOfChanges(landed, fillAccounts.vaultsIn);',
  },
  {
    name: 'outage-counts-as-a-try',
    why: 'no venue offered anything, so the try is over',
    file: 'execution/tries/ask-market.ts',
    find: 'return awaited ? waitsFor(awaited) : failed(choice.failure);',
    replace: 'return failed(choice.failure);',
  },
  {
    name: 'untaken-attempt-counts-as-a-try',
    why: 'its blockhash ran out, so it was tried',
    file: 'execution/attempts/followed-attempt.ts',
    find: "if (reach === 'taken') return",
    replace: 'if (attempt) return',
  },
  {
    name: 'late-acknowledgement-believed',
    why: 'a node that takes bytes will try to land them',
    file: 'execution/attempts/followed-attempt.ts',
    find: "followed.reach = 'acknowledged';",
    replace: "followed.reach = 'taken';",
  },
  {
    name: 'absent-venue-counts-as-a-try',
    why: 'the venue did not build what it had offered',
    file: 'execution/tries/end-try.ts',
    find: "if (error instanceof VenueUnavailable) return { outcome: 'unanswered', reason: error.message };",
    replace:
      "if (error instanceof VenueUnavailable) return failed(failure('offer_not_built', error.message));",
    shownBy: ['venueTrouble'],
  },
  {
    name: 'goes-on-at-any-price',
    why: 'its first quote fixes the limit of an order that has none',
    file: 'execution/tries/ask-market.ts',
    find: 'return { atFirst: seenAmount, now:',
    replace: 'return null; return { atFirst: seenAmount, now:',
  },
  {
    name: 'lateness-counts-as-a-try',
    why: 'a venue that answered too late has offered nothing',
    file: 'execution/quoting/awaited-in.ts',
    find: "  ['engine_late', 'engine_late'],\n",
    replace: '',
    shownBy: ['engineLate', 'pauseEveryMs', 'blackout'],
  },
  {
    name: 'silence-of-the-chain-counts-as-a-try',
    why: 'a venue that reads no accounts has nothing to offer',
    file: 'execution/quoting/awaited-in.ts',
    find: "  ['chain_unavailable', 'chain_unavailable'],\n",
    replace: '',
  },
];
