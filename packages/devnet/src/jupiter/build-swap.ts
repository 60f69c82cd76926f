import type { Block } from '../chain/block.ts';
import { BLOCKHASH_LIFETIME_BLOCKS } from '../chain/block-history.ts';
import { createPoolSwap } from '../market/pool-swap.ts';
import type { DevnetNode } from '../node.ts';
import { deriveAssociatedTokenAccount, NATIVE_MINT, toKey } from '../pools/addresses.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { BuildRequest } from './build-request.ts';
import { LABELS, planSwap } from './plan-swap.ts';
import type { ProtectedLeg, ProtectedPlan } from './protected-plan.ts';
import {
  closeTokenAccount,
  createTokenAccountIdempotent,
  setComputeUnitPrice,
  syncNative,
  transferLamports,
} from './wallet-instructions.ts';

/**
 * The answer of `/swap/v2/build`. No program on this chain runs a whole route, so the legs are the pools' own swap
 * instructions: the last one is `swapInstruction`, those before it are the last of `setupInstructions`.
 *
 * @throws {SwapApiRefusal} There is no route.
 */
export async function buildSwap(node: DevnetNode, request: BuildRequest) {
  const plan = planSwap(node, request);
  const accounts = await tokenAccounts(request, plan);
  const swaps = plan.legs.map((leg) => legInstruction(leg, request, accounts));
  const isSolRoute = request.wrapAndUnwrapSol && accounts.has(NATIVE_MINT);
  const wrapped = accounts.get(NATIVE_MINT) ?? '';
  return {
    inputMint: request.inputMint,
    outputMint: request.outputMint,
    inAmount: String(request.amount),
    outAmount: String(plan.amountOut),
    otherAmountThreshold: String(plan.minAmountOut),
    swapMode: 'ExactIn',
    slippageBps: request.slippageBps,
    priceImpactPct: plan.priceImpact.toFixed(8),
    routePlan: plan.legs.map((leg) => routePlanStep(leg, plan)),
    computeBudgetInstructions: [setComputeUnitPrice(recentPrice(node, request))].map(toWire),
    setupInstructions: [...walletSetup(request, accounts), ...swaps.slice(0, -1)].map(toWire),
    swapInstruction: toWire(swaps.at(-1)!),
    cleanupInstruction: isSolRoute
      ? toWire(closeTokenAccount({ address: wrapped, owner: request.taker }))
      : null,
    otherInstructions: [],
    tipInstruction: null,
    addressesByLookupTableAddress: {},
    blockhashWithMetadata: blockhashOf(node.chain.history.at('confirmed'), request),
  };
}

/** The taker's token account of every token of the route, by mint. */
async function tokenAccounts(
  request: BuildRequest,
  { legs }: ProtectedPlan,
): Promise<ReadonlyMap<string, string>> {
  const mints = [...new Set(legs.flatMap(({ tokenIn, tokenOut }) => [tokenIn, tokenOut]))];
  const entries = mints.map(async (mint): Promise<[string, string]> => {
    const isElsewhere = mint === request.outputMint && request.destinationTokenAccount !== null;
    const account = isElsewhere
      ? request.destinationTokenAccount!
      : await deriveAssociatedTokenAccount(request.taker, mint);
    return [mint, account];
  });
  return new Map(await Promise.all(entries));
}

/** Every account that the route pays into exists; the input's is the taker's affair unless SOL is wrapped into it. */
function walletSetup(request: BuildRequest, accounts: ReadonlyMap<string, string>): SwapInstruction[] {
  const { taker: owner, inputMint, outputMint, wrapAndUnwrapSol, amount } = request;
  const isWrapped = inputMint === NATIVE_MINT && wrapAndUnwrapSol;
  return [...accounts].flatMap(([mint, address]) => {
    if (mint === outputMint && request.destinationTokenAccount !== null) return [];
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
  { taker }: BuildRequest,
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

/** A step's share is of what is spent of its token, as Jupiter's. */
function routePlanStep(leg: ProtectedLeg, { legs }: ProtectedPlan) {
  const spent = legs.reduce((sum, other) => (other.tokenIn === leg.tokenIn ? sum + other.amountIn : sum), 0n);
  const bps = Number((leg.amountIn * 10_000n + spent / 2n) / spent);
  return {
    swapInfo: {
      ammKey: leg.placed.address,
      label: LABELS[leg.placed.kind],
      inputMint: leg.tokenIn,
      outputMint: leg.tokenOut,
      inAmount: String(leg.amountIn),
      outAmount: String(leg.amountOut),
    },
    percent: Math.round(bps / 100),
    bps,
  };
}

function recentPrice({ prioritizationFees }: DevnetNode, { pricePercentileBps }: BuildRequest): bigint {
  const prices = prioritizationFees.recent([]).map(({ prioritizationFee }) => prioritizationFee);
  prices.sort((a, b) => Number(a - b));
  return prices[Math.floor(((prices.length - 1) * pricePercentileBps) / 10_000)] ?? 0n;
}

function blockhashOf(block: Block, { blockhashSlotsToExpiry }: BuildRequest) {
  return {
    blockhash: [...toKey(block.blockhash)],
    lastValidBlockHeight: block.height + Math.min(blockhashSlotsToExpiry, BLOCKHASH_LIFETIME_BLOCKS),
    fetchedAt: new Date(block.timeMs).toISOString(),
  };
}

function toWire({ program, accounts, data }: SwapInstruction) {
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
