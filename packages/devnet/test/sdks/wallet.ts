import { type LocalChain, load, SOL } from './local-chain.ts';

const web3 = load('@solana/web3.js');

/** A landed transaction as `getTransaction` shows it. */
export interface Landed {
  readonly slot: number;
  readonly transaction: { readonly message: unknown };
  readonly meta: {
    readonly err: unknown;
    readonly fee: number;
    readonly logMessages: readonly string[];
    readonly preBalances: readonly number[];
    readonly postBalances: readonly number[];
    readonly preTokenBalances: readonly TokenBalance[];
    readonly postTokenBalances: readonly TokenBalance[];
    readonly innerInstructions: readonly { readonly instructions: readonly { readonly data: string }[] }[];
  };
}

interface TokenBalance {
  readonly owner: string;
  readonly mint: string;
  readonly uiTokenAmount: { readonly amount: string };
}

/** A funded web3.js key pair that signs, sends and looks at what happened, while slots pass only as it needs them. */
export class Wallet {
  readonly keypair = web3.Keypair.generate();
  readonly connection;
  private readonly chain: LocalChain;

  constructor(chain: LocalChain) {
    this.chain = chain;
    this.connection = new web3.Connection(chain.url, { commitment: 'processed', wsEndpoint: chain.wsUrl });
  }

  get address(): string {
    return this.keypair.publicKey.toBase58();
  }

  /** Signs a transaction of either kind, and brings it into a block. */
  // biome-ignore lint/suspicious/noExplicitAny: the clients' own transaction
  async land(transaction: any): Promise<Landed> {
    const latest = await this.connection.getLatestBlockhash('confirmed');
    if (transaction instanceof web3.Transaction) {
      transaction.recentBlockhash = latest.blockhash;
      transaction.feePayer = this.keypair.publicKey;
      transaction.sign(this.keypair);
    } else {
      transaction.sign([this.keypair]);
    }
    const options = { preflightCommitment: 'confirmed' };
    const signature = await this.connection.sendRawTransaction(transaction.serialize(), options);
    await this.chain.advance(2);
    return this.connection.getTransaction(signature, {
      commitment: 'confirmed',
      maxSupportedTransactionVersion: 0,
    });
  }

  /** By how much a transaction changed what the wallet holds of a token; SOL without the fee, wrapped or not. */
  change({ meta }: Landed, mint: string): bigint {
    const held = (list: readonly TokenBalance[]) =>
      list
        .filter((balance) => balance.owner === this.address && balance.mint === mint)
        .reduce((sum, { uiTokenAmount }) => sum + BigInt(uiTokenAmount.amount), 0n);
    const tokens = held(meta.postTokenBalances) - held(meta.preTokenBalances);
    if (mint !== SOL) return tokens;
    return tokens + BigInt(meta.postBalances[0]!) - BigInt(meta.preBalances[0]!) + BigInt(meta.fee);
  }
}
