import { ASSOCIATED_TOKEN_PROGRAM } from '@oee/solana';
import type { Leg, QuoteRequest } from '../../../domain/quote.ts';
import type { Mint, Token } from '../../../domain/token.ts';
import type { Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { TokenRegistry } from '../../../ports/token-registry.ts';
import type { BuildAnswer, RouteStep } from './build-answer.ts';
import { JUPITER_PROGRAM } from './jupiter-swap.ts';

/** The answer differs from the request, or has an instruction that the signer would refuse. */
export class UnusableAnswer extends Error {
  override name = 'UnusableAnswer';
}

export interface CheckedRoute {
  readonly legs: readonly Leg[];
  /** Minimum output that the instructions enforce, base units. */
  readonly minAmountOut: bigint;
  /** The swaps, in the order in which they run. */
  readonly instructions: readonly Instruction[];
}

export interface RouteCheck {
  readonly request: QuoteRequest;
  /** The wallet. */
  readonly taker: string;
  readonly tokens: TokenRegistry;
  /** Inspectors of the swaps that the signer recognizes. */
  readonly inspectors: readonly SwapInspector[];
}

/**
 * Reads the legs from the instructions and compares them with the answer's own description. An instruction that is
 * neither a swap of a known form nor the creation of a token account on the way is refused. So an answer that the
 * signer would refuse never wins against other quotes.
 *
 * @throws {UnusableAnswer}
 */
export function checkRoute(answer: BuildAnswer, check: RouteCheck): CheckedRoute {
  const { tokenIn, tokenOut, amount } = check.request;
  const isAsked =
    answer.inputMint === tokenIn.mint &&
    answer.outputMint === tokenOut.mint &&
    answer.inAmount === amount &&
    answer.swapMode === 'ExactIn';
  if (!isAsked) refuse('it is about another swap');
  if (answer.otherAmountThreshold > answer.outAmount || answer.outAmount === 0n)
    refuse('its amounts contradict each other');
  if (answer.otherInstructions.length > 0) refuse('it asks for more than a swap');

  const isOfJupiter = answer.swapInstruction.programAddress === JUPITER_PROGRAM;
  return isOfJupiter ? checkWhole(answer, check) : checkSteps(answer, check);
}

/** Checks an instruction of Jupiter's program, which swaps through all steps at once and names none of the pools. */
function checkWhole(answer: BuildAnswer, check: RouteCheck): CheckedRoute {
  const { swapInstruction, routePlan, setupInstructions } = answer;
  if (!setupInstructions.every(isAccountCreation)) refuse('it asks for more than a swap');
  const swap = inspectSwap(swapInstruction, check);
  const isAsked = swap.tokens?.[0].mint === answer.inputMint && swap.tokens[1].mint === answer.outputMint;
  if (!isAsked || swap.maxIn !== answer.inAmount) refuse('its instruction is another swap than it says');
  const legs = routePlan.map((step) => toLeg(step, null, check));
  checkSums(legs, answer, check.request);
  return { legs, minAmountOut: swap.minOut, instructions: [swapInstruction] };
}

/** Checks swaps of the pools' programs, one for each step. */
function checkSteps(answer: BuildAnswer, check: RouteCheck): CheckedRoute {
  const { setupInstructions, swapInstruction, routePlan } = answer;
  const swaps = [...setupInstructions.filter((each) => !isAccountCreation(each)), swapInstruction];
  if (swaps.length !== routePlan.length) refuse('its instructions are not one swap per step');
  const legs = swaps.map((each, index) => {
    const step = routePlan[index] as RouteStep;
    const swap = inspectSwap(each, check);
    if (swap.pool !== step.ammKey || swap.maxIn !== step.inAmount)
      refuse('a swap is not the step of the plan');
    return toLeg(step, swap, check);
  });
  checkSums(legs, answer, check.request);
  // The swap frame creates the token accounts.
  return { legs, minAmountOut: answer.otherAmountThreshold, instructions: swaps };
}

function inspectSwap(instruction: Instruction, { taker, inspectors }: RouteCheck): InspectedSwap {
  const { programAddress } = instruction;
  const inspector = inspectors.find((each) => each.programAddress === programAddress);
  if (!inspector) refuse(`the program ${programAddress} is not allowed`);
  const swap = inspector.inspect(instruction);
  if (!swap)
    refuse(
      inspector.refusal?.(instruction) ?? `an instruction of ${programAddress} is not a swap of a known form`,
    );
  if (swap.authority !== taker) refuse('a swap is signed by another wallet');
  return swap;
}

/** @param swap The step's own instruction; null where it has none. */
function toLeg(step: RouteStep, swap: InspectedSwap | null, { tokens }: RouteCheck): Leg {
  return {
    venue: 'jupiter',
    pool: step.ammKey,
    poolKind: step.label,
    tokenIn: tokenOf(tokens, step.inputMint),
    tokenOut: tokenOf(tokens, step.outputMint),
    amountIn: step.inAmount,
    amountOut: step.outAmount,
    fee: null,
    feeToken: tokenOf(tokens, step.inputMint),
    vaultIn: swap && vaultOf(swap, step.inputMint),
    vaultOut: swap && vaultOf(swap, step.outputMint),
  };
}

/** Requires that the sums of the steps equal the answer's amounts. */
function checkSums(legs: readonly Leg[], answer: BuildAnswer, { tokenIn, tokenOut }: QuoteRequest): void {
  const spent = sum(legs.filter((leg) => leg.tokenIn.mint === tokenIn.mint).map((leg) => leg.amountIn));
  const given = sum(legs.filter((leg) => leg.tokenOut.mint === tokenOut.mint).map((leg) => leg.amountOut));
  if (spent !== answer.inAmount || given !== answer.outAmount) refuse('its steps are not the swap');
}

function tokenOf(tokens: TokenRegistry, mint: Mint): Token {
  const token = tokens.find(mint);
  if (token?.mint !== mint) refuse(`it leads through the token ${mint}, which is not known here`);
  return token;
}

/**
 * Null where the instruction names no mint, as AMM v4's does: the program reads the direction from the wallet's token
 * accounts.
 */
function vaultOf({ tokens }: InspectedSwap, mint: Mint): string | null {
  if (tokens === null) return null;
  const token = tokens.find((each) => each.mint === mint);
  if (!token?.vault) refuse('a swap is between other tokens than the plan says');
  return token.vault;
}

const isAccountCreation = ({ programAddress }: Instruction): boolean =>
  programAddress === ASSOCIATED_TOKEN_PROGRAM;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, each) => total + each, 0n);

function refuse(problem: string): never {
  throw new UnusableAnswer(problem);
}
