import { ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAMS } from '@oee/solana';
import { type Mint, SOL_MINT } from '../../domain/token.ts';
import type { Instruction } from '../../ports/chain.ts';
import type { SigningPolicy } from '../../ports/signer.ts';
import type { InspectedSwap, SwapInspector } from '../../ports/swap-inspector.ts';
import { checkMessage, type MessageContext } from './check-message.ts';
import { isReceiptCreation, requireCreates } from './check-receipts.ts';
import { findWrapping, type Wrapping } from './check-wrapping.ts';
import type { DecodedMessage } from './decoded-message.ts';
import { require } from './refuse.ts';

/** The wallet's associated token accounts, derived here so that no address is taken from the message. */
export type TokenAccountOf = (token: { mint: Mint; tokenProgram: string }) => Promise<string>;

export interface PolicyContext extends MessageContext {
  readonly inspectors: readonly SwapInspector[];
  readonly tokenAccountOf: TokenAccountOf;
}

/** The policy with the message's own account of wrapped SOL. */
interface SwapContext extends PolicyContext {
  readonly wrapping: Wrapping | null;
}

/**
 * Checks a compiled message against the order's policy. It reads the bytes that will be signed and trusts nothing else.
 * It allows only known instructions, only the wallet's own accounts, and limits at least as tight as the order's.
 *
 * @throws {PolicyRefused} With the rule that the message breaks.
 */
export async function checkPolicy(
  context: PolicyContext,
  message: Uint8Array,
  policy: SigningPolicy,
): Promise<void> {
  const { instructions, listed, rest } = await checkMessage(context, message);
  if (policy.receipt) requireCreates(context.address, instructions[0], policy.receipt);

  const wrapping = findWrapping(context.address, rest, policy);
  const swaps: Instruction[] = [];
  let receipts = 0;
  for (const instruction of rest) {
    const { programAddress } = instruction;
    if (wrapping?.instructions.has(instruction)) continue;
    if (isReceiptCreation(instruction)) receipts += 1;
    else if (programAddress === ASSOCIATED_TOKEN_PROGRAM)
      await checkTokenAccount(context, instruction, policy);
    else swaps.push(instruction);
  }
  require(receipts === (policy.receipt ? 1 : 0), 'it creates a receipt that the order does not ask for');
  await checkSwaps({ ...context, wrapping }, swaps, policy);
  await requireOwnAccountsListed({ ...context, wrapping }, { instructions, listed }, policy);
}

/**
 * A node could return a wrong lookup table. The accounts that protect the wallet therefore stand in the signed
 * bytes themselves: programs (no table can name them) and every account of the wallet. A lie about the others makes
 * the venue's program fail, or trade another pool within the same limits.
 */
async function requireOwnAccountsListed(
  context: SwapContext,
  { instructions, listed }: Pick<DecodedMessage, 'instructions' | 'listed'>,
  policy: SigningPolicy,
): Promise<void> {
  const mints = new Set([policy.mintIn, policy.mintOut, SOL_MINT, ...(policy.intermediateMints ?? [])]);
  const own = new Set([context.address, ...(policy.receipt ? [policy.receipt.address] : [])]);
  if (context.wrapping) own.add(context.wrapping.address);
  for (const mint of mints)
    for (const tokenProgram of TOKEN_PROGRAMS) own.add(await context.tokenAccountOf({ mint, tokenProgram }));
  for (const { accounts } of instructions)
    for (const { address } of accounts)
      require(!own.has(address) ||
        listed.has(address), "an account of the wallet's comes from a lookup table");
}

/**
 * Requires that swaps lead from the order's input to its output, and through intermediate tokens only as planned. Input
 * and output are sums over the swaps. Of an intermediate token a swap may spend no more than earlier swaps must
 * deliver, so the wallet's earlier balance stays untouched.
 */
async function checkSwaps(
  context: SwapContext,
  instructions: readonly Instruction[],
  policy: SigningPolicy,
): Promise<void> {
  require(instructions.length > 0, 'it swaps nothing');
  const { mintIn, mintOut, intermediateMints = [] } = policy;
  const allowed = new Set([mintIn, mintOut, ...intermediateMints]);
  require(allowed.size === intermediateMints.length + 2, "the order's tokens are not different ones");
  const spendable = new Map(intermediateMints.map((mint) => [mint, 0n]));
  let maxIn = 0n;
  let minOut = 0n;
  for (const instruction of instructions) {
    const { swap, from, to } = await inspect(context, instruction, allowed);
    require(from !== mintOut && to !== mintIn, 'a swap leads backwards');
    require(policy.mayFillInPart || !swap.mayFillInPart, 'a swap may be filled in part');
    if (from === mintIn) maxIn += swap.maxIn;
    else {
      const left = (spendable.get(from) ?? 0n) - swap.maxIn;
      require(left >=
        0n, 'a swap spends more of an intermediate token than the swaps before it must deliver');
      spendable.set(from, left);
    }
    if (to === mintOut) minOut += swap.minOut;
    else spendable.set(to, (spendable.get(to) ?? 0n) + swap.minOut);
  }
  require(maxIn <=
    policy.maxAmountIn, `up to ${maxIn} base units may leave, allowed are ${policy.maxAmountIn}`);
  // The input of a partial fill must bring its share of the output: minOut / maxIn is at least minAmountOut /
  // maxAmountIn.
  const required = policy.mayFillInPart
    ? ceilDivide(policy.minAmountOut * maxIn, policy.maxAmountIn)
    : policy.minAmountOut;
  require(minOut >= required, `only ${minOut} base units must arrive, required are ${required}`);
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** One swap of the wallet between two of the allowed tokens, and its direction by the accounts that it names. */
async function inspect(context: SwapContext, instruction: Instruction, allowed: ReadonlySet<Mint>) {
  const inspector = context.inspectors.find((each) => each.programAddress === instruction.programAddress);
  require(inspector !== undefined, `the program ${instruction.programAddress} is not allowed`);
  const swap = inspector.inspect(instruction);
  require(swap !== null, inspector.refusal?.(instruction) ??
    `an instruction of ${instruction.programAddress} is not a swap of a known form`);
  if (swap.tokens) requireOwnTokens(swap.tokens, allowed);
  require(swap.authority === context.address, 'a swap is signed by another wallet');
  const accounts = await ownAccounts(context, swap.tokens ?? [...allowed].map((mint) => ({ mint })));
  const from = accounts.get(swap.source);
  require(from !== undefined, 'a swap pays from another token account');
  const to = accounts.get(swap.destination);
  require(to !== undefined && to !== from, "a swap pays out to an account that is not the wallet's own");
  return { swap, from, to };
}

function requireOwnTokens(
  [first, second]: NonNullable<InspectedSwap['tokens']>,
  allowed: ReadonlySet<Mint>,
): void {
  require(allowed.has(first.mint) &&
    allowed.has(second.mint) &&
    first.mint !== second.mint, "a swap is not between the order's tokens");
  for (const { tokenProgram } of [first, second])
    require(tokenProgram === null ||
      TOKEN_PROGRAMS.has(tokenProgram), 'a swap names an unknown token program');
}

/**
 * The wallet's token accounts of these tokens with their mints, under both token programs where none is named. For SOL
 * it is the message's own account: an order must not spend the wrapped SOL that the wallet holds elsewhere.
 */
async function ownAccounts(
  { tokenAccountOf, wrapping }: SwapContext,
  tokens: readonly { readonly mint: Mint; readonly tokenProgram?: string | null }[],
): Promise<ReadonlyMap<string, Mint>> {
  const mints = new Map<string, Mint>();
  if (wrapping) mints.set(wrapping.address, SOL_MINT);
  for (const { mint, tokenProgram } of tokens.filter((token) => token.mint !== SOL_MINT))
    for (const program of tokenProgram ? [tokenProgram] : TOKEN_PROGRAMS)
      mints.set(await tokenAccountOf({ mint, tokenProgram: program }), mint);
  return mints;
}

/** Allows only the wallet's accounts for the order's tokens, created only if they do not exist yet. */
async function checkTokenAccount(
  context: PolicyContext,
  { accounts, data }: Instruction,
  policy: SigningPolicy,
): Promise<void> {
  const [funder, tokenAccount, owner, named, system, tokenProgram] = accounts.map(({ address }) => address);
  require(data.length === 1 &&
    data[0] === 1 &&
    accounts.length === 6, 'a token account is not created idempotently');
  require(funder === context.address && owner === context.address, "a token account is not the wallet's own");
  const mints = [policy.mintIn, policy.mintOut, ...(policy.intermediateMints ?? [])];
  const mint = mints.find((each) => each === named && each !== SOL_MINT);
  require(mint !== undefined, "a token account is not of the order's tokens");
  require(system === SYSTEM_PROGRAM &&
    tokenProgram !== undefined &&
    TOKEN_PROGRAMS.has(tokenProgram), 'a token account is created by unknown programs');
  require(tokenAccount ===
    (await context.tokenAccountOf({
      mint,
      tokenProgram: tokenProgram as string,
    })), 'a token account has another address');
}
