import type { Receipt } from '../../domain/receipt.ts';
import type { Instruction, MessageParts, TransactionError } from '../../ports/chain.ts';
import {
  decodeClosing,
  decodeSwap,
  MEMORY_PROGRAM,
  RECEIPT_PROGRAM,
  receiptAddress,
  type SwapData,
} from './message.ts';
import { type MemoryPool, movedBy, vaultOf } from './pool.ts';

class ProgramError extends Error {
  readonly kind: TransactionError['kind'];
  constructor(kind: TransactionError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Balances during a transaction. They are discarded if the transaction fails. */
interface Draft {
  read(account: string): bigint;
  set(account: string, balance: bigint): void;
}

/** Runs a transaction whose fee is `paid`: the balances of the accounts that it touched, and its error if it failed. */
export function runMessage(
  { payer, instructions, receipt }: MessageParts,
  ledger: {
    readonly pools: readonly MemoryPool[];
    readonly balanceOf: (account: string) => bigint;
    readonly paid: ReadonlyMap<string, bigint>;
  },
): { readonly error: TransactionError | null; readonly draft: ReadonlyMap<string, bigint> } {
  const touched = new Map(ledger.paid);
  const draft: Draft = {
    read: (account) => touched.get(account) ?? ledger.balanceOf(account),
    set: (account, balance) => void touched.set(account, balance),
  };
  try {
    if (receipt) create(draft, payer, receipt);
    for (const instruction of instructions)
      runInstruction(draft, instruction, { payer, pools: ledger.pools });
    return { error: null, draft: touched };
  } catch (cause) {
    if (!(cause instanceof ProgramError)) throw cause;
    return { error: { kind: cause.kind, text: cause.message }, draft: touched };
  }
}

function runInstruction(
  draft: Draft,
  { programAddress, accounts, data }: Instruction,
  { payer, pools }: { payer: string; pools: readonly MemoryPool[] },
): void {
  if (programAddress === RECEIPT_PROGRAM) close(draft, payer, decodeClosing(data));
  else if (programAddress === MEMORY_PROGRAM)
    swap(draft, decodeSwap(data), { pools, from: accounts[1]!.address, to: accounts[2]!.address });
  else throw new ProgramError('other', `no program ${programAddress}`);
}

/** @throws {ProgramError} The pool refuses, the limit is not met, or the wallet lacks the input. */
function swap(
  draft: Draft,
  data: SwapData,
  { pools, from, to }: { pools: readonly MemoryPool[]; from: string; to: string },
): void {
  const pool = pools.find(({ address }) => address === data.pool);
  if (!pool) throw new ProgramError('other', `no pool ${data.pool}`);
  const tokenIn = pool.tokenA.mint === data.mintIn ? pool.tokenA : pool.tokenB;
  const tokenOut = tokenIn === pool.tokenA ? pool.tokenB : pool.tokenA;
  const vaultIn = vaultOf(pool, tokenIn);
  const vaultOut = vaultOf(pool, tokenOut);
  const reserves = {
    reserveIn: draft.read(vaultIn),
    reserveOut: draft.read(vaultOut),
    feeBps: pool.feeBps,
  };
  const given = data.swapMode === 'exactOut' ? data.amountOut : data.amountIn;
  const moved = movedBy(reserves, data.swapMode, given);
  if (moved.amountIn === null || moved.amountOut === null)
    throw new ProgramError('other', 'refused by the pool');
  if (moved.amountOut < data.amountOut || moved.amountIn > data.amountIn)
    throw new ProgramError('slippage', 'ExceededSlippage');
  if (draft.read(from) < moved.amountIn) throw new ProgramError('insufficientFunds', 'insufficient funds');
  draft.set(from, draft.read(from) - moved.amountIn);
  draft.set(vaultIn, reserves.reserveIn + moved.amountIn);
  draft.set(vaultOut, reserves.reserveOut - moved.amountOut);
  draft.set(to, draft.read(to) + moved.amountOut);
}

/** @throws {ProgramError} The receipt exists, or the payer lacks its rent. */
function create(draft: Draft, payer: string, { address, lamports }: Receipt): void {
  if (draft.read(address) > 0n) throw new ProgramError('receiptExists', 'the receipt exists');
  const held = draft.read(payer);
  if (held < lamports) throw new ProgramError('insufficientFunds', 'no SOL for the receipt');
  draft.set(payer, held - lamports);
  draft.set(address, lamports);
}

/** @throws {ProgramError} The receipt is not the payer's, or holds fewer lamports. */
function close(draft: Draft, payer: string, { address, seed, lamports }: Receipt): void {
  if (address !== receiptAddress(payer, seed)) throw new ProgramError('other', 'not a receipt of the payer');
  const held = draft.read(address);
  if (held < lamports) throw new ProgramError('insufficientFunds', 'the receipt holds less');
  draft.set(address, held - lamports);
  draft.set(payer, draft.read(payer) + lamports);
}
