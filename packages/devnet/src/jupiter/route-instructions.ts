import { createTokenAccountAddresses, NATIVE_MINT, TOKEN_PROGRAM } from '@oee/solana';
import { createPoolSwap } from '../market/pool-swap.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { ProtectedLeg, ProtectedPlan } from './protected-plan.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  syncNative,
  transferLamports,
} from './wallet-instructions.ts';

const tokenAccountOf = createTokenAccountAddresses();

/** The taker of a swap, and its tokens and amount. */
export interface Trade {
  readonly taker: string;
  readonly inputMint: string;
  readonly outputMint: string;
  /** Base units of the input token. */
  readonly amount: bigint;
  readonly wrapAndUnwrapSol: boolean;
  /** Receiver of the output; null for the taker's own token account. */
  readonly destinationTokenAccount: string | null;
}

/** In the order in which they run. */
export interface RouteInstructions {
  readonly setup: readonly SwapInstruction[];
  readonly swap: SwapInstruction;
  readonly cleanup: SwapInstruction | null;
}

/**
 * The instructions of a plan. No program on this chain runs a whole route, so the legs are the pools' own swap
 * instructions: the last one is `swap`, those before it are the last of `setup`.
 */
export async function routeInstructions(plan: ProtectedPlan, trade: Trade): Promise<RouteInstructions> {
  const accounts = await tokenAccounts(trade, plan);
  const swaps = plan.legs.map((leg) => legInstruction(leg, trade, accounts));
  const wrapped = trade.wrapAndUnwrapSol ? accounts.get(NATIVE_MINT) : undefined;
  return {
    setup: [...walletSetup(trade, accounts), ...swaps.slice(0, -1)],
    swap: swaps.at(-1)!,
    cleanup: wrapped === undefined ? null : closeTokenAccount({ address: wrapped, owner: trade.taker }),
  };
}

/** An instruction in Jupiter's form. */
export function toWire({ program, accounts, data }: SwapInstruction) {
  return {
    programId: program,
    accounts: accounts.map(({ address, isSigner, isWritable }) => ({
      pubkey: address,
      isWritable,
      isSigner,
    })),
    data: Buffer.from(data).toString('base64'),
  };
}

/** The taker's token account of every token of the route, by mint. */
async function tokenAccounts(trade: Trade, { legs }: ProtectedPlan): Promise<ReadonlyMap<string, string>> {
  const mints = [...new Set(legs.flatMap(({ tokenIn, tokenOut }) => [tokenIn, tokenOut]))];
  const entries = mints.map(async (mint): Promise<[string, string]> => {
    const isElsewhere = mint === trade.outputMint && trade.destinationTokenAccount !== null;
    const account = isElsewhere
      ? trade.destinationTokenAccount!
      : await tokenAccountOf({ owner: trade.taker, mint, tokenProgram: TOKEN_PROGRAM });
    return [mint, account];
  });
  return new Map(await Promise.all(entries));
}

/**
 * Creates every account that the route pays into. The taker provides the input's account unless SOL is wrapped into it.
 */
function walletSetup(trade: Trade, accounts: ReadonlyMap<string, string>): SwapInstruction[] {
  const { taker: owner, inputMint, outputMint, wrapAndUnwrapSol, amount } = trade;
  const isWrapped = inputMint === NATIVE_MINT && wrapAndUnwrapSol;
  return [...accounts].flatMap(([mint, address]) => {
    if (mint === outputMint && trade.destinationTokenAccount !== null) return [];
    if (mint !== inputMint) return [createTokenAccountIdempotent({ address, owner, mint })];
    if (!isWrapped) return [];
    return [
      createTokenAccountIdempotent({ address, owner, mint }),
      transferLamports({ from: owner, to: address, lamports: amount }),
      syncNative(address),
    ];
  });
}

function legInstruction(
  leg: ProtectedLeg,
  { taker }: Trade,
  accounts: ReadonlyMap<string, string>,
): SwapInstruction {
  return createPoolSwap({
    pool: leg.placed,
    isZeroForOne: leg.inputIndex === 0,
    payer: taker,
    userIn: accounts.get(leg.tokenIn)!,
    userOut: accounts.get(leg.tokenOut)!,
    amountIn: leg.amountIn,
    minAmountOut: leg.minAmountOut,
  });
}
