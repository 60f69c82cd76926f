import type { DevnetNode } from '../node.ts';
import type { Config } from '../rpc/params.ts';
import type { ProtectedPlan } from './protected-plan.ts';
import { refuse, toAddress } from './query-values.ts';
import { toQuotedPlan } from './quoted-plan.ts';
import type { Trade } from './route-instructions.ts';

/**
 * The fee that a swap offers for its place in a block: micro-lamports per unit, lamports in total, or the recent price
 * up to a limit.
 */
export type Priority =
  | { readonly kind: 'perUnit'; readonly microLamports: bigint }
  | { readonly kind: 'total'; readonly lamports: bigint }
  | { readonly kind: 'market'; readonly percentileBps: number; readonly maxLamports: bigint | null };

/** A request to Jupiter's `POST /swap/v1/swap` or `/swap-instructions`. */
export interface SwapRequest {
  readonly plan: ProtectedPlan;
  readonly trade: Trade;
  readonly isLegacy: boolean;
  /** Whether the compute unit limit comes from a simulation, and is not the maximum. */
  readonly isLimitMeasured: boolean;
  readonly priority: Priority;
  readonly blockhashSlotsToExpiry: number;
}

const LEVELS: Readonly<Record<string, number>> = { medium: 2_500, high: 5_000, veryHigh: 7_500 };
/** Fields of Jupiter without a counterpart on a local chain. */
const NOT_SERVED = ['feeAccount', 'nativeDestinationAccount'];

/** @throws {SwapApiRefusal} 400 with the reason. Unknown fields are ignored. */
export function parseSwapRequest(node: DevnetNode, body: unknown): SwapRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuse('the body must be an object');
  const fields = body as Config;
  for (const name of NOT_SERVED) if (isGiven(fields[name])) refuse(`${name} is not served by the devnet`);
  const taker = toAddress(fields.userPublicKey, 'userPublicKey');
  if (isGiven(fields.payer) && fields.payer !== taker)
    refuse('payer is not served by the devnet unless it is userPublicKey');
  if (flag(fields, 'dynamicSlippage', false)) refuse('dynamicSlippage is not served by the devnet');
  const { plan, ...pair } = toQuotedPlan(node, fields.quoteResponse);
  return {
    plan,
    trade: {
      ...pair,
      taker,
      wrapAndUnwrapSol: flag(fields, 'wrapAndUnwrapSol', true),
      destinationTokenAccount: isGiven(fields.destinationTokenAccount)
        ? toAddress(fields.destinationTokenAccount, 'destinationTokenAccount')
        : null,
    },
    isLegacy: flag(fields, 'asLegacyTransaction', false),
    isLimitMeasured: flag(fields, 'dynamicComputeUnitLimit', false),
    priority: priorityOf(fields),
    blockhashSlotsToExpiry: isGiven(fields.blockhashSlotsToExpiry)
      ? Number(whole(fields.blockhashSlotsToExpiry, 'blockhashSlotsToExpiry'))
      : 150,
  };
}

function priorityOf({ computeUnitPriceMicroLamports, prioritizationFeeLamports }: Config): Priority {
  if (isGiven(computeUnitPriceMicroLamports)) {
    const microLamports = whole(computeUnitPriceMicroLamports, 'computeUnitPriceMicroLamports');
    return { kind: 'perUnit', microLamports };
  }
  if (!isGiven(prioritizationFeeLamports) || prioritizationFeeLamports === 'auto')
    return { kind: 'market', percentileBps: LEVELS.high!, maxLamports: null };
  if (typeof prioritizationFeeLamports !== 'object')
    return { kind: 'total', lamports: whole(prioritizationFeeLamports, 'prioritizationFeeLamports') };
  const level = (prioritizationFeeLamports as Config).priorityLevelWithMaxLamports as Config | undefined;
  const percentileBps = LEVELS[String(level?.priorityLevel)];
  if (level === undefined || percentileBps === undefined)
    refuse(
      'prioritizationFeeLamports is a number, auto or priorityLevelWithMaxLamports here: there are no tips',
    );
  return { kind: 'market', percentileBps, maxLamports: whole(level.maxLamports, 'maxLamports') };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function flag(fields: Config, name: string, fallback: boolean): boolean {
  const value = fields[name] ?? fallback;
  return typeof value === 'boolean' ? value : refuse(`${name} must be true or false`);
}

function whole(value: unknown, name: string): bigint {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return BigInt(value as number);
  return refuse(`${name} must be a whole number`);
}
