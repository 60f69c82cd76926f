import { orderOf, rpc, signaturesOf } from '../support/landed-swaps.ts';

/** What the chain itself says about the wallet; the engine is not asked. */
export interface Ledger {
  /** How often a swap of each order landed. */
  readonly landed: ReadonlyMap<string, number>;
  /** Fees of transactions that landed and failed, lamports. */
  readonly feesOfFailed: bigint;
  /** What the wallet's transactions that are of no order brought it, less what they took: rent of receipts that were closed, lamports. */
  readonly broughtByNoOrder: bigint;
}

interface LedgerTransaction {
  readonly transaction: Parameters<typeof orderOf>[0]['transaction'];
  readonly meta: {
    readonly err: unknown;
    readonly fee: number;
    readonly preBalances: readonly number[];
    readonly postBalances: readonly number[];
  };
}

export async function readLedger(rpcUrl: string, wallet: string): Promise<Ledger> {
  const landed = new Map<string, number>();
  let feesOfFailed = 0n;
  let broughtByNoOrder = 0n;
  for (const { signature } of await signaturesOf(rpcUrl, wallet)) {
    const config = { encoding: 'json', commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
    const found = await rpc<LedgerTransaction>(rpcUrl, 'getTransaction', [signature, config]);
    const orderId = orderOf(found);
    if (!orderId) broughtByNoOrder += gainOf(found, wallet);
    else if (found.meta.err === null) landed.set(orderId, (landed.get(orderId) ?? 0) + 1);
    else feesOfFailed += BigInt(found.meta.fee);
  }
  return { landed, feesOfFailed, broughtByNoOrder };
}

function gainOf({ transaction, meta }: LedgerTransaction, wallet: string): bigint {
  const index = transaction.message.accountKeys.indexOf(wallet);
  return BigInt(meta.postBalances[index] ?? 0) - BigInt(meta.preBalances[index] ?? 0);
}

const SOL_MINT = 'So11111111111111111111111111111111111111112';
const TOKEN_PROGRAMS = [
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
];

interface TokenAccounts {
  readonly value: readonly {
    readonly account: {
      readonly data: {
        readonly parsed: {
          readonly info: { readonly mint: string; readonly tokenAmount: { readonly amount: string } };
        };
      };
    };
  }[];
}

/** Base units by mint, as finalized; native SOL and wrapped SOL are one. */
export async function readBalances(rpcUrl: string, wallet: string): Promise<ReadonlyMap<string, bigint>> {
  const balances = new Map<string, bigint>();
  const add = (mint: string, amount: bigint) => balances.set(mint, (balances.get(mint) ?? 0n) + amount);
  const commitment = { commitment: 'finalized' };
  const { value } = await rpc<{ value: number }>(rpcUrl, 'getBalance', [wallet, commitment]);
  add(SOL_MINT, BigInt(value));
  for (const programId of TOKEN_PROGRAMS) {
    const config = { ...commitment, encoding: 'jsonParsed' };
    const found = await rpc<TokenAccounts>(rpcUrl, 'getTokenAccountsByOwner', [
      wallet,
      { programId },
      config,
    ]);
    for (const { account } of found.value) {
      const { mint, tokenAmount } = account.data.parsed.info;
      add(mint, BigInt(tokenAmount.amount));
    }
  }
  return balances;
}
