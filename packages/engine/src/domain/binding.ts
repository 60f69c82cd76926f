/** The chain, wallet and secret that a database is bound to; null: none yet. */
export interface Binding {
  readonly genesisHash: string | null;
  readonly wallet: string | null;
}

/** A process that wants to trade those orders. */
export interface Joining {
  readonly genesisHash: string;
  /** Absent in a process that signs nothing. */
  readonly signer?: {
    readonly wallet: string;
    /** Its secret is the one that the database is bound to, or there is none yet. */
    readonly hasBoundSecret: boolean;
  };
}

/**
 * Why a process may not execute the orders of a database; null if it may. Another wallet would pay an order a second time, another
 * secret would create a second receipt, and on another chain every transaction seems absent.
 */
export function bindingProblem(bound: Binding, { genesisHash, signer }: Joining): string | null {
  const differs = differenceOf('chain (genesis hash)', bound.genesisHash, genesisHash, '--chain');
  if (differs !== null || !signer) return differs;
  const otherWallet = differenceOf('wallet', bound.wallet, signer.wallet, '--wallet');
  if (otherWallet !== null) return otherWallet;
  if (signer.hasBoundSecret) return null;
  return 'EXECUTION_SECRET is another than the one to which the orders of this database are bound, or is set here and not there: give every process the same, or change it with npm run rebind -- --secret';
}

function differenceOf(what: string, bound: string | null, own: string, flag: string): string | null {
  if (bound === null || bound === own) return null;
  return `the orders of this database are bound to the ${what} ${bound}, and this process has ${own}: give it the former, use another database, or change it with npm run rebind -- ${flag}`;
}
