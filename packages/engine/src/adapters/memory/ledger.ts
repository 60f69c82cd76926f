import type { SwapMode } from '../../domain/quote.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { SOL_MINT, type Token } from '../../domain/token.ts';
import type { MessageParts, TransactionError } from '../../ports/chain.ts';
import {
  decodeClosing,
  decodeMessage,
  decodeSwap,
  MEMORY_PROGRAM,
  RECEIPT_PROGRAM,
  receiptAddress,
  type SwapData,
} from './message.ts';

/** A constant-product pool of the in-process exchange. */
export interface MemoryPool {
  readonly venue: string;
  readonly address: string;
  readonly tokenA: Token;
  readonly tokenB: Token;
  readonly feeBps: number;
}

export interface Execution {
  readonly signature: string;
  readonly error: TransactionError | null;
  readonly feeLamports: bigint;
  /** Balances that the transaction touched. */
  readonly balances: ReadonlyMap<string, { readonly before: bigint; readonly after: bigint }>;
}

export const FEE_LAMPORTS = 5_000n;
// What an account without data costs on Solana.
export const RECEIPT_LAMPORTS = 890_880n;
/** Where a wallet holds a token: its lamports for SOL, a token account otherwise. */
export const accountOfMint = (owner: string, mint: string): string =>
  mint === SOL_MINT ? owner : `${owner}/${mint}`;
export const vaultOf = (pool: MemoryPool, token: Token): string => `${pool.address}/${token.mint}`;

class SwapError extends Error {
  readonly kind: TransactionError['kind'];
  constructor(kind: TransactionError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Balances by account name, and the rules of a swap. Every execution can be undone, as a fork needs it. */
export function createLedger(pools: readonly MemoryPool[]) {
  const balances = new Map<string, bigint>();
  const balanceOf = (account: string): bigint => balances.get(account) ?? 0n;

  /** @throws {SwapError} Nothing was changed in `draft` that the caller keeps. */
  function swap(draft: Map<string, bigint>, data: SwapData, accounts: { from: string; to: string }): void {
    const pool = pools.find(({ address }) => address === data.pool);
    if (!pool) throw new SwapError('other', `no pool ${data.pool}`);
    const tokenIn = pool.tokenA.mint === data.mintIn ? pool.tokenA : pool.tokenB;
    const tokenOut = tokenIn === pool.tokenA ? pool.tokenB : pool.tokenA;
    const vaultIn = vaultOf(pool, tokenIn);
    const vaultOut = vaultOf(pool, tokenOut);
    const read = (account: string): bigint => draft.get(account) ?? balanceOf(account);
    const reserves = { reserveIn: read(vaultIn), reserveOut: read(vaultOut), feeBps: pool.feeBps };
    const given = data.swapMode === 'exactOut' ? data.amountOut : data.amountIn;
    const moved = movedBy(reserves, data.swapMode, given);
    if (moved.amountIn === null || moved.amountOut === null)
      throw new SwapError('other', 'refused by the pool');
    if (moved.amountOut < data.amountOut || moved.amountIn > data.amountIn)
      throw new SwapError('slippage', 'ExceededSlippage');
    if (read(accounts.from) < moved.amountIn) throw new SwapError('insufficientFunds', 'insufficient funds');
    draft.set(accounts.from, read(accounts.from) - moved.amountIn);
    draft.set(vaultIn, reserves.reserveIn + moved.amountIn);
    draft.set(vaultOut, reserves.reserveOut - moved.amountOut);
    draft.set(accounts.to, read(accounts.to) + moved.amountOut);
  }

  /** @throws {SwapError} The receipt exists, or the payer lacks its rent. */
  function create(draft: Map<string, bigint>, payer: string, { address, lamports }: Receipt): void {
    if (balanceOf(address) > 0n) throw new SwapError('receiptExists', 'the receipt exists');
    const held = draft.get(payer) ?? balanceOf(payer);
    if (held < lamports) throw new SwapError('insufficientFunds', 'no SOL for the receipt');
    draft.set(payer, held - lamports);
    draft.set(address, lamports);
  }

  /** @throws {SwapError} It is not the payer's, or does not hold that much. */
  function close(draft: Map<string, bigint>, payer: string, { address, seed, lamports }: Receipt): void {
    if (address !== receiptAddress(payer, seed)) throw new SwapError('other', 'not a receipt of the payer');
    const held = draft.get(address) ?? balanceOf(address);
    if (held < lamports) throw new SwapError('insufficientFunds', 'the receipt holds less');
    draft.set(address, held - lamports);
    draft.set(payer, (draft.get(payer) ?? balanceOf(payer)) + lamports);
  }

  /** What the transaction would do now, or null if it cannot even pay its fee and so never lands. */
  function execute(signature: string, { payer, instructions, receipt }: MessageParts): Execution | null {
    if (balanceOf(payer) < FEE_LAMPORTS) return null;
    const paid = new Map([[payer, balanceOf(payer) - FEE_LAMPORTS]]);
    const draft = new Map(paid);
    let error: TransactionError | null = null;
    try {
      if (receipt) create(draft, payer, receipt);
      for (const { programAddress, accounts, data } of instructions) {
        if (programAddress === RECEIPT_PROGRAM) {
          close(draft, payer, decodeClosing(data));
          continue;
        }
        if (programAddress !== MEMORY_PROGRAM) throw new SwapError('other', `no program ${programAddress}`);
        swap(draft, decodeSwap(data), { from: accounts[1]!.address, to: accounts[2]!.address });
      }
    } catch (cause) {
      if (!(cause instanceof SwapError)) throw cause;
      error = { kind: cause.kind, text: cause.message };
    }
    const after = error ? paid : draft;
    const changed = new Map<string, { before: bigint; after: bigint }>();
    for (const [account, balance] of after)
      changed.set(account, { before: balanceOf(account), after: balance });
    return { signature, error, feeLamports: FEE_LAMPORTS, balances: changed };
  }

  return {
    balanceOf,
    setBalance: (account: string, balance: bigint): void => void balances.set(account, balance),
    execute,
    rehearse: (message: Uint8Array): Execution | null => execute('', decodeMessage(message)),
    apply(execution: Execution): void {
      for (const [account, { after }] of execution.balances) balances.set(account, after);
    },
    undo(execution: Execution): void {
      for (const [account, { before }] of execution.balances) balances.set(account, before);
    },
  };
}

interface Reserves {
  readonly reserveIn: bigint;
  readonly reserveOut: bigint;
  readonly feeBps: number;
}

/**
 * What a swap of the mode moves; null where the pool cannot. To one that may leave a part a pool gives no more than a
 * five-hundredth of what it holds: that is how far its range reaches.
 */
export function movedBy(
  reserves: Reserves,
  swapMode: SwapMode,
  given: bigint,
): { amountIn: bigint | null; amountOut: bigint | null } {
  if (swapMode === 'exactOut') return { amountIn: inputFor(reserves, given), amountOut: given };
  const room = swapMode === 'partialFill' ? inputFor(reserves, reserves.reserveOut / 500n) : null;
  const amountIn = room !== null && room < given ? room : given;
  return { amountIn, amountOut: outputFor(reserves, amountIn) };
}

/** Fee rounded up, output rounded down; null if nothing would come out. */
function outputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountIn: bigint): bigint | null {
  const net = amountIn - feeOn(amountIn, feeBps);
  const amountOut = (net * reserveOut) / (reserveIn + net);
  return amountOut > 0n ? amountOut : null;
}

/** Both divisions rounded up; null if the pool does not hold that much. */
function inputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountOut: bigint): bigint | null {
  if (amountOut >= reserveOut) return null;
  const net = ceilDiv(reserveIn * amountOut, reserveOut - amountOut);
  return ceilDiv(net * 10_000n, 10_000n - BigInt(feeBps));
}

export const feeOn = (amountIn: bigint, feeBps: number): bigint =>
  ceilDiv(amountIn * BigInt(feeBps), 10_000n);
const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
