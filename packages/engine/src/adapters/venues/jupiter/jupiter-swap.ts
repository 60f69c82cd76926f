import { toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';

export const JUPITER_PROGRAM = 'JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4';
/** PDA of the seed "__event_authority". */
export const JUPITER_EVENT_AUTHORITY = 'D8cy77BBepLMngZx6ZukaTff5hCt1HrWyKk3Hnd9oitf';

const BASIS_POINTS = 10_000n;

/**
 * `shared_accounts_route_v2` of Jupiter's interface description. Discriminator, id u8, in_amount u64, quoted_out_amount u64,
 * slippage_bps u16, platform_fee_bps u16, positive_slippage_bps u16, then the steps of the route.
 */
const SHARED_ACCOUNTS_ROUTE_V2 = 'd19853937cfed8e9';
const OFFSETS = { inAmount: 9, quotedOut: 17, slippageBps: 25, platformFeeBps: 27, positiveSlippageBps: 29 };
const LEAST_DATA_LENGTH = 35;
const FIXED_ACCOUNT_COUNT = 12;

const LENDS = "it would lend the wallet's signature to whatever programs its accounts name";
const HIDES = 'its amounts stand behind a list of any length and cannot be told for certain';
/** The program's other swaps, with the reason why the signer refuses each. */
const REFUSED: Readonly<Record<string, string>> = {
  bb64facc31c4af14: `route_v2: ${LENDS}`,
  e517cb977ae3ad2a: `route: ${LENDS}`,
  '96564774a75d0e68': `route_with_token_ledger: ${LENDS}`,
  '9d8ab85215f4f324': `exact_out_route_v2: ${LENDS}`,
  d033ef977b2bed5c: `exact_out_route: ${LENDS}`,
  c1209b3341d69c81: `shared_accounts_route: ${HIDES}`,
  e6798f50779f6aaa: `shared_accounts_route_with_token_ledger: ${HIDES}`,
  b0d169a89a7d453e: `shared_accounts_exact_out_route: ${HIDES}`,
  '3560e5cad8bbfa18': 'shared_accounts_exact_out_route_v2: swaps with an exact output are not asked for',
};

/**
 * Jupiter's program, as far as a route can be checked. It takes exactly `in_amount` from the wallet's account into its
 * own, swaps there under its own authority, and pays the output to the wallet's account: at least the quote less the
 * slippage. So no pool and no other program gets the wallet's signature. An integrator's fee must be zero.
 */
export const jupiterSwapInspector: SwapInspector = {
  programAddress: JUPITER_PROGRAM,
  inspect({ programAddress, accounts, data: bytes }: Instruction): InspectedSwap | null {
    const data = Buffer.from(bytes);
    if (programAddress !== JUPITER_PROGRAM) return null;
    if (data.length < LEAST_DATA_LENGTH || accounts.length < FIXED_ACCOUNT_COUNT) return null;
    if (data.toString('hex', 0, 8) !== SHARED_ACCOUNTS_ROUTE_V2) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    if (address(10) !== JUPITER_EVENT_AUTHORITY || address(11) !== JUPITER_PROGRAM) return null;
    const authority = address(1);
    const isLent = accounts.some((each, index) => index !== 1 && (each.signer || each.address === authority));
    if (isLent) return null;
    const slippageBps = BigInt(data.readUInt16LE(OFFSETS.slippageBps));
    if (slippageBps > BASIS_POINTS) return null;
    if (data.readUInt16LE(OFFSETS.platformFeeBps) !== 0) return null;
    if (data.readUInt16LE(OFFSETS.positiveSlippageBps) !== 0) return null;
    const quotedOut = data.readBigUInt64LE(OFFSETS.quotedOut);
    return {
      pool: null,
      tokens: [
        { mint: toMint(address(6)), tokenProgram: address(8), vault: null },
        { mint: toMint(address(7)), tokenProgram: address(9), vault: null },
      ],
      authority,
      source: address(2),
      destination: address(5),
      maxIn: data.readBigUInt64LE(OFFSETS.inAmount),
      // The program requires at least this much, however it rounds.
      minOut: (quotedOut * (BASIS_POINTS - slippageBps)) / BASIS_POINTS,
    };
  },
  refusal: ({ data }) => REFUSED[Buffer.from(data).toString('hex', 0, 8)] ?? null,
};
