import type { BaseUnits } from '../domain/amount.ts';
import type { BlockHeight } from '../domain/block-height.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Signature } from '../domain/signature.ts';
import type { Mint, Token } from '../domain/token.ts';
import type { Told } from './told.ts';

/** One instruction of a transaction. */
export interface Instruction {
  readonly programAddress: string;
  readonly accounts: readonly AccountUse[];
  readonly data: Uint8Array;
}

export interface AccountUse {
  readonly address: string;
  readonly signer: boolean;
  readonly writable: boolean;
}

/** An address lookup table of the chain and its entries, in their order. */
export interface LookupTable {
  readonly address: string;
  readonly addresses: readonly string[];
}

export interface Blockhash {
  readonly blockhash: string;
  readonly lastValidBlockHeight: BlockHeight;
  /** Slot at which the node answered. */
  readonly slot: bigint;
}

/** The frame around a swap: makes the wallet's token accounts ready, and wraps and unwraps SOL. */
export interface SwapFrame {
  readonly tokenAccountIn: string;
  readonly tokenAccountOut: string;
  /** The wallet's account for every token of the route, by mint; those of the two ends are among them. */
  readonly tokenAccounts: ReadonlyMap<Mint, string>;
  readonly before: readonly Instruction[];
  readonly after: readonly Instruction[];
  /** Where the route has SOL and the chain must wrap it; otherwise null. */
  readonly wrapped: WrappedSol | null;
}

/**
 * An account of wrapped SOL that one transaction creates, uses and closes. Closing takes all that an account holds, so the
 * wallet's own one, which may have held something before, is never used.
 */
export interface WrappedSol {
  /** Base58. */
  readonly address: string;
  /** The wallet's own account, which instructions that were built elsewhere name in its place. */
  readonly inPlaceOf: string;
}

export interface MessageParts {
  readonly payer: string;
  readonly instructions: readonly Instruction[];
  readonly blockhash: string;
  readonly computeUnitLimit: number;
  readonly computeUnitPriceMicroLamports: bigint;
  /**
   * Written into the transaction as an SPL memo. It names the order and the attempt, so that two orders with the same
   * swap and blockhash can never be one transaction, and so that the chain's ledger can be audited by order.
   */
  readonly memo: string;
  /** Created by the first instruction: where it exists already, the whole transaction fails as `receiptExists`. */
  readonly receipt?: Receipt;
  /** Tables that may shorten the message; used only when it does not fit without them. */
  readonly lookupTables?: readonly LookupTable[];
}

export type Simulation =
  | { readonly outcome: 'succeeded'; readonly computeUnits: number }
  | { readonly outcome: 'failed'; readonly error: TransactionError };

/** The chain's error of a transaction, parsed. */
export interface TransactionError {
  readonly kind: ProgramError['kind'] | 'receiptExists' | 'alreadyProcessed';
  /** For people and logs, for example `Raydium's CPMM program says: it gives less … (error 6005 of instruction 3)`. */
  readonly text: string;
  /** Lamports of an account that had too few, where the chain told them. */
  readonly lamports?: { readonly held: BaseUnits; readonly needed: BaseUnits };
  /** Of a swap that is beyond its limit, where the program logged them. */
  readonly compared?: ComparedAmounts;
}

/** The limit of a swap and the amount that it would have given or taken, base units. For a minimum output the limit is the larger one, for a maximum input the smaller one. */
export interface ComparedAmounts {
  readonly smaller: BaseUnits;
  readonly larger: BaseUnits;
}

/** One program's errors, by code. */
export interface ProgramErrors {
  /** Base58. */
  readonly programAddress: string;
  /** Its common name. */
  readonly name: string;
  readonly errors: Readonly<Record<number, ProgramError>>;
  /**
   * By the name that the program logs with its code, where its versions number their errors differently. A name that is
   * not here is another error, whatever its code.
   */
  readonly errorsByName?: Readonly<Record<string, ProgramError>>;
  /** Reads the amount of a swap beyond its limit, if the program logs it in its own form. */
  readonly comparedIn?: (logs: readonly string[]) => ComparedAmounts | null;
}

export interface ProgramError {
  /** `unserved`: this version of the program, or the pool as it stands, does not take swaps of this form. */
  readonly kind: 'slippage' | 'insufficientFunds' | 'unserved' | 'other';
  /** Description, as the rest of a sentence that begins with the program's name. */
  readonly words: string;
}

export interface SignatureStatus {
  readonly slot: bigint;
  readonly commitment: 'processed' | 'confirmed' | 'finalized';
  readonly error: TransactionError | null;
}

export interface LandedTransaction {
  /** Signature of the returned transaction; a node that returns another one than requested is in error. */
  readonly signature: Signature;
  /** Who paid for it. */
  readonly payer: string;
  /** Its SPL memo; null without one. */
  readonly memo: string | null;
  readonly slot: bigint;
  readonly error: TransactionError | null;
  readonly feeLamports: BaseUnits;
  /** Used by all its instructions; absent if the node does not say. */
  readonly computeUnits?: number;
  /** Lamports of an account before and after; undefined if the transaction does not name it. */
  lamports(address: string): { readonly before: BaseUnits; readonly after: BaseUnits } | undefined;
  /** Tokens in a token account before and after, base units; undefined if it holds none. */
  tokens(tokenAccount: string): { readonly before: BaseUnits; readonly after: BaseUnits } | undefined;
  /** Every token account that it names and that existed before or after. */
  readonly tokenAccounts: readonly TokenAccountChange[];
}

export interface TokenAccountChange {
  readonly address: string;
  readonly mint: Mint;
  readonly owner: string;
  readonly before: BaseUnits;
  readonly after: BaseUnits;
}

/** A transaction in the list of those that name an address. */
export interface ListedTransaction {
  readonly signature: Signature;
  readonly slot: bigint;
  readonly failed: boolean;
  /** As the node formats it: `[length] text`, several joined by "; "; null without one. */
  readonly memo: string | null;
}

/**
 * One RPC node. Every method may reject (`ChainUnavailable`): an error is never an answer.
 *
 * Every answer is of the chain that is traded on. A node is asked for its chain's identity together with each question, in
 * one request where it takes several, and one that answers for another chain rejects (`AnotherChain`). So no answer
 * of a proof can come from elsewhere, be it the first, the last or one between. Only `send` asks nothing.
 */
export interface ChainNode {
  readonly name: string;
  /** Requests only the chain's identity. */
  identify(): Promise<void>;
  /** At commitment `confirmed`. */
  latestBlockhash(): Promise<Blockhash>;
  /** Runs an unsigned message on the newest state, with a fresh blockhash in place of its own. */
  simulate(message: Uint8Array): Promise<Simulation>;
  /** Hands bytes over. Neither success nor error proves anything about landing. */
  send(bytes: Uint8Array): Promise<void>;
  /** Up to `SIGNATURES_PER_REQUEST`; null is "this node does not know it at `contextSlot`". */
  signatureStatuses(
    signatures: readonly Signature[],
    options: { readonly searchHistory: boolean },
  ): Promise<{ readonly contextSlot: bigint; readonly statuses: readonly (SignatureStatus | null)[] }>;
  /** Block height and slot of the newest finalized block. Two different clocks. */
  finalizedEpoch(): Promise<{ readonly blockHeight: BlockHeight; readonly absoluteSlot: bigint }>;
  /** The oldest slot whose blocks this node still has. */
  firstAvailableSlot(): Promise<bigint>;
  holdings(owner: string): Promise<WalletHoldings>;
  /** Lamports of accounts at commitment `finalized`, 0 where there is none; up to 100 addresses. */
  finalizedLamports(
    addresses: readonly string[],
  ): Promise<{ readonly contextSlot: bigint; readonly lamports: readonly BaseUnits[] }>;
  /** Null if the node has no such transaction at that commitment. */
  transaction(signature: Signature, commitment: 'confirmed' | 'finalized'): Promise<LandedTransaction | null>;
  /** The signed bytes of a finalized transaction; null if the node has it not. */
  transactionBytes(signature: Signature): Promise<Uint8Array | null>;
  /**
   * Finalized transactions that name the address, newest first, at most 1,000; those before `before` if given.
   * Rejects while the node has not finalized `minSlot`, so that a list is never older than that.
   */
  transactionsOf(
    address: string,
    page: { readonly before: Signature | null; readonly minSlot: bigint },
  ): Promise<readonly ListedTransaction[]>;
}

/** What a wallet holds. */
export interface WalletHoldings {
  readonly slot: bigint;
  readonly lamports: BaseUnits;
  /** Base units by mint, summed over the wallet's token accounts. */
  readonly tokens: ReadonlyMap<Mint, BaseUnits>;
}

/** The node is unavailable or returned an error of its own: timeout, 429, 5xx, closed socket. */
export class ChainUnavailable extends Error {
  override name = 'ChainUnavailable';
}

/** A node answered for another chain than the engine's: its answers are no evidence. */
export class AnotherChain extends ChainUnavailable {
  override name = 'AnotherChain';
}

/** The instructions do not fit into one transaction. */
export class TransactionTooLarge extends Error {
  override name = 'TransactionTooLarge';
}

/** A node that answered for another chain, and has not yet given enough right answers since. */
export interface Stranger {
  /** Genesis hash of the chain that it answered for. */
  readonly genesisHash: string;
  /** Number of right answers in a row since then. */
  readonly rightAnswers: number;
}

/**
 * The engine's chain, and the nodes that answer for another one (`createChainIdentity`). An address may lead to another
 * chain at any time: a name resolves to a new address, a proxy changes, another process takes the port. On that chain every
 * transaction of the engine is absent for ever.
 */
export interface ChainIdentity {
  /** Hash of the first block, base58. */
  readonly genesisHash: string;
  /** By the node's name. While there is one, the engine signs nothing. */
  readonly strangers: ReadonlyMap<string, Stranger>;
  /**
   * Checks the chain of every answer before the engine uses the answer.
   * @throws {AnotherChain} Not the engine's chain; the node counts as a stranger from now on.
   */
  recognize(node: string, genesisHash: string): void;
  /** Records a right answer of a stranger. True once it has given enough of them to be trusted again. */
  trustAgain(node: string): boolean;
}

export interface Chain {
  /** The chain's identity. All nodes share it and check each answer against it. */
  readonly identity: ChainIdentity;
  /** At least one. Bytes are sent to all, and proofs that something is absent need more than one. */
  readonly nodes: readonly ChainNode[];
  /** The first available node: for reads that need only one node's answer. */
  readonly anyNode: ChainNode;
  /** Asks the first available node, and tells which one answered: for reads that another node is to repeat later. */
  askAny<T>(question: (node: ChainNode) => Promise<T>): Promise<Told<ChainNode, T>>;
  /**
   * Token accounts and wrapping for a swap of at most `amountIn` by `payer`, through other tokens where it must.
   *
   * @throws {ChainUnavailable} The rent of an account could not be read.
   */
  swapFrame(swap: {
    readonly payer: string;
    readonly tokenIn: Token;
    readonly tokenOut: Token;
    readonly intermediates?: readonly Token[];
    readonly amountIn: BaseUnits;
    /**
     * `WRAP_SEED_CHARACTERS` ASCII characters, others for every transaction. An account that holds lamports already cannot be
     * created; a stranger who wants that would have to give the wallet the rent of every account that it might take.
     */
    readonly wrapSeed: string;
  }): Promise<SwapFrame>;
  /**
   * The receipt of `owner` with this seed, and the rent that it costs now.
   * @throws {ChainUnavailable} The rent could not be read.
   */
  receipt(owner: string, seed: string): Promise<Receipt>;
  /** Closes receipts of `owner`, up to `RECEIPTS_PER_TRANSACTION`, each with all its lamports, which go back to `owner`. */
  closeReceipts(owner: string, receipts: readonly Receipt[]): readonly Instruction[];
  /**
   * What a compute unit cost lately for transactions that write these accounts, micro-lamports. Absent where nothing
   * has to be offered.
   * @throws {ChainUnavailable} It could not be read.
   */
  recentComputeUnitPrice?(accounts: readonly string[]): Promise<bigint>;
  /** @throws {TransactionTooLarge} Over 1,232 bytes or 64 accounts. */
  compile(parts: MessageParts): Uint8Array;
  /** Calls `listener` about once per slot: only a hint that statuses may have changed. */
  onSlot(listener: (slot: bigint) => void): () => void;
}
