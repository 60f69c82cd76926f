import type { Mutant } from '../mutant.ts';

/** Who answers: which chain, which transaction, how far it is. */
export const NODE_MUTANTS: readonly Mutant[] = [
  {
    name: 'identity-not-compared',
    why: 'the address is in the settings, so the right chain answers there',
    file: 'ports/chain-identity.ts',
    find: 'if (answering === genesisHash) return;',
    replace: 'if (answering !== genesisHash || strangers.size === 0) return;',
    shownBy: ['nodeElsewhereEveryMs'],
  },
  {
    name: 'another-transaction-accepted',
    why: 'a node answers what it was asked',
    file: 'execution/proofs/own-transaction.ts',
    find: 'landed.signature === signature && isOurs',
    replace: 'landed.payer === fillAccounts.payer || isOurs',
  },
  {
    name: 'highest-slot-believed',
    why: 'slots only grow, so the highest slot that any node names is the newest',
    file: 'domain/chain-counter.ts',
    find: 'const possible = sorted.find((value) => this.allows(value, now));',
    replace:
      'const possible = this.#value > highest ? undefined : highest;\n    if (possible === undefined) return;',
    shownBy: ['aheadEveryMs'],
  },
  {
    name: 'lost-blocks-not-noticed',
    why: 'a node says how far back its history reaches, so nothing can be missing between',
    file: 'execution/proofs/prove-absence.ts',
    find: 'const hasHole = history.lost.length > 0;',
    replace: 'const hasHole = false;',
    shownBy: ['chainForgets'],
  },
];
