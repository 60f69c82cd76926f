import type { BaseUnits } from '../../domain/amount.ts';
import type { FillAccounts } from '../../domain/attempt.ts';
import { type LimitedLeg, limitLegs } from '../../domain/leg-limits.ts';
import type { Leg, QuoteRequest, Route, SwapMode } from '../../domain/quote.ts';
import { type RouteLimits, routeLimits } from '../../domain/route-limits.ts';
import { isSol, type Mint, type Token } from '../../domain/token.ts';
import type { Instruction, LookupTable, SwapFrame } from '../../ports/chain.ts';
import { WRAP_SEED_CHARACTERS } from '../../ports/chain-limits.ts';
import type { SigningPolicy } from '../../ports/signer.ts';
import type { RouteInstructions } from '../../ports/venue.ts';
import type { Ports } from '../ports.ts';
import { contendedAccounts } from './compute-unit-price.ts';

export interface AssembledSwap {
  /** The legs that run; a venue that builds its own routes may use other legs than it quoted. */
  readonly legs: readonly Leg[];
  readonly instructions: readonly Instruction[];
  /** Accounts that the swap writes and others too: their use decides what a compute unit costs. */
  readonly contended: readonly string[];
  readonly lookupTables: readonly LookupTable[];
  /** The policy that the signer checks the message against. */
  readonly policy: Omit<SigningPolicy, 'orderId'>;
}

/**
 * The frame of the swap with the route's instructions inside, and the limits that the programs enforce: a venue either
 * builds the whole route that it offered, or each leg with the leg's own limit.
 *
 * @param limitAmount Of the order: least output (partialFill: of the whole amount) or most input (exactOut).
 * @throws {ChainUnavailable | RouteUnavailable} The instructions could not be had now.
 */
export async function assembleSwap(
  ports: Ports,
  request: QuoteRequest,
  { venue, route, limitAmount }: { venue: string; route: Route; limitAmount: BaseUnits },
): Promise<AssembledSwap> {
  const { tokenIn, tokenOut, swapMode } = request;
  const payer = ports.signer.address;
  const limits = routeLimits(request, route, limitAmount);
  const amountIn = limits.maxAmountIn;
  const chosen = ports.venues.find(({ name }) => name === venue);
  const { minAmountOut } = limits;
  const offered = await chosen?.routeInstructions?.({ route, payer, amountIn, minAmountOut });
  const intermediates = intermediatesOf(offered?.legs ?? route.legs, request);
  const wrapSeed = ports.random.uuid().slice(-WRAP_SEED_CHARACTERS);
  const frame = await ports.chain.swapFrame({ payer, tokenIn, tokenOut, intermediates, amountIn, wrapSeed });
  const built =
    offered ??
    (await legInstructions(ports, limitedLegs(request, route, limits), {
      frame,
      swapMode: route.legs.length > 1 && swapMode === 'partialFill' ? 'exactIn' : swapMode,
    }));
  const swaps = withOwnWrapped(built.instructions, frame);
  return {
    legs: built.legs,
    instructions: [...frame.before, ...swaps, ...frame.after],
    contended: contendedAccounts(swaps, new Set([payer, ...frame.tokenAccounts.values()])),
    lookupTables: built.lookupTables,
    policy: {
      mintIn: tokenIn.mint,
      mintOut: tokenOut.mint,
      intermediateMints: intermediates.map(({ mint }) => mint),
      ...(swapMode === 'partialFill'
        ? { maxAmountIn: request.amount, minAmountOut: limitAmount, mayFillInPart: true as const }
        : limits),
    },
  };
}

/** Instructions that a venue built for the wallet's own account of wrapped SOL, with the account of this transaction. */
function withOwnWrapped(
  instructions: readonly Instruction[],
  { wrapped }: SwapFrame,
): readonly Instruction[] {
  if (!wrapped) return instructions;
  const { address, inPlaceOf } = wrapped;
  return instructions.map((instruction) => ({
    ...instruction,
    accounts: instruction.accounts.map((use) => (use.address === inPlaceOf ? { ...use, address } : use)),
  }));
}

const limitedLegs = ({ swapMode }: QuoteRequest, route: Route, limits: RouteLimits): LimitedLeg[] =>
  limitLegs(route, swapMode, swapMode === 'exactOut' ? limits.maxAmountIn : limits.minAmountOut);

async function legInstructions(
  { signer, venues }: Ports,
  limited: readonly LimitedLeg[],
  { frame, swapMode }: { readonly frame: SwapFrame; readonly swapMode: SwapMode },
): Promise<RouteInstructions> {
  const swaps = await Promise.all(
    limited.map((one) => {
      const venue = venues.find(({ name }) => name === one.leg.venue);
      if (!venue) throw new Error(`no venue is called ${one.leg.venue}`);
      const tokenAccountIn = frame.tokenAccounts.get(one.leg.tokenIn.mint) as string;
      const tokenAccountOut = frame.tokenAccounts.get(one.leg.tokenOut.mint) as string;
      return venue.swapInstructions({
        ...one,
        payer: signer.address,
        tokenAccountIn,
        tokenAccountOut,
        swapMode,
      });
    }),
  );
  const tables = new Map(swaps.flatMap(({ lookupTables }) => lookupTables.map((one) => [one.address, one])));
  return {
    legs: limited.map(({ leg }) => leg),
    instructions: swaps.flatMap(({ instructions }) => instructions),
    lookupTables: [...tables.values()],
  };
}

/** Accounts on which the chain will show the moved amounts. */
export function fillAccountsOf(ports: Ports, request: QuoteRequest, legs: readonly Leg[]): FillAccounts {
  const { tokenIn, tokenOut } = request;
  const known = legs.flatMap(({ vaultIn, vaultOut, ...leg }) =>
    vaultIn === null || vaultOut === null ? [] : [{ ...leg, vaultIn, vaultOut }],
  );
  if (known.length < legs.length) return fillAccountsByMint(ports, request);
  const into = ({ mint }: Token) =>
    known.filter((leg) => leg.tokenIn.mint === mint).map((leg) => leg.vaultIn);
  const outOf = ({ mint }: Token) =>
    known.filter((leg) => leg.tokenOut.mint === mint).map((leg) => leg.vaultOut);
  return {
    ...endsOf(ports, request),
    vaultsIn: into(tokenIn),
    vaultsOut: outOf(tokenOut),
    intermediates: intermediatesOf(legs, request).map((token) => ({
      mint: token.mint,
      symbol: token.symbol,
      decimals: token.decimals,
      vaultsFrom: outOf(token),
      vaultsTo: into(token),
    })),
  };
}

/** The same where the vaults of the route are not known. */
export const fillAccountsByMint = (ports: Ports, request: QuoteRequest): FillAccounts => ({
  ...endsOf(ports, request),
  vaultsIn: [],
  vaultsOut: [],
  mints: { in: request.tokenIn.mint, out: request.tokenOut.mint },
});

const endsOf = ({ signer }: Ports, { tokenIn, tokenOut }: QuoteRequest) => ({
  payer: signer.address,
  solIn: isSol(tokenIn),
  solOut: isSol(tokenOut),
});

/** The tokens that pass through the wallet's accounts, in the order in which the legs reach them. */
function intermediatesOf(legs: readonly Leg[], { tokenIn, tokenOut }: QuoteRequest): Token[] {
  const through = new Map<Mint, Token>();
  const own = legs.filter(({ vaultIn }) => vaultIn !== null);
  for (const leg of own) for (const token of [leg.tokenIn, leg.tokenOut]) through.set(token.mint, token);
  through.delete(tokenIn.mint);
  through.delete(tokenOut.mint);
  return [...through.values()];
}
