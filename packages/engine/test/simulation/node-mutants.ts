/** Mistakes about who answers: which chain, and which transaction. */
export const NODE_MUTANTS = [
  {
    name: 'identity-not-compared',
    why: 'the address is in the settings, so the right chain answers there',
    file: 'ports/chain-identity.ts',
    find: 'if (answering === genesisHash) return;',
    replace: 'if (answering !== genesisHash || strangers.size === 0) return;',
  },
  {
    name: 'another-transaction-accepted',
    why: 'a node answers what it was asked',
    file: 'execution/own-transaction.ts',
    find: 'landed.signature === signature && isOurs',
    replace: 'landed.payer === fillAccounts.payer || isOurs',
  },
  {
    name: 'highest-slot-believed',
    why: 'slots only grow, so the highest that was told is the newest',
    file: 'domain/chain-counter.ts',
    find: 'const possible = sorted.find((value) => this.allows(value, now));',
    replace:
      'const possible = this.#value > highest ? undefined : highest;\n    if (possible === undefined) return;',
  },
];
