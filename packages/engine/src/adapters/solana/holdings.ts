import { decodeTokenAccount, InvalidAccount } from '@oee/amm';
import { TOKEN_PROGRAMS } from '@oee/solana';
import { type Mint, toMint } from '../../domain/token.ts';
import type { WalletHoldings } from '../../ports/chain.ts';
import { toBytes, toFields, toList, toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

const COMMITMENT = 'confirmed';

interface TokenHolding {
  readonly mint: Mint;
  readonly amount: bigint;
}

/** SOL and the tokens of both token programs. @throws {ChainUnavailable} One of the three could not be read. */
export async function readHoldings(rpc: Rpc, owner: string): Promise<WalletHoldings> {
  const [balance, ...tokenAnswers] = await Promise.all([
    rpc.call('getBalance', [owner, { commitment: COMMITMENT }], (result) => {
      const fields = toFields(result);
      return { slot: slotOf(fields), lamports: toU64(fields.value) };
    }),
    ...[...TOKEN_PROGRAMS].map((programId) =>
      rpc.call(
        'getTokenAccountsByOwner',
        [owner, { programId }, { commitment: COMMITMENT, encoding: 'base64' }],
        (result) => {
          const fields = toFields(result);
          return { slot: slotOf(fields), holdings: toList(fields.value).flatMap(toHolding) };
        },
      ),
    ),
  ]);
  const tokens = new Map<Mint, bigint>();
  for (const { mint, amount } of tokenAnswers.flatMap((answer) => answer.holdings))
    tokens.set(mint, (tokens.get(mint) ?? 0n) + amount);
  const slots = [balance.slot, ...tokenAnswers.map((answer) => answer.slot)];
  // The oldest of the three slots: every part is at least this new.
  const slot = slots.sort((left, right) => Number(left - right))[0] as bigint;
  return { slot, lamports: balance.lamports, tokens };
}

function toHolding(entry: unknown): TokenHolding[] {
  const [content] = toList(toFields(toFields(entry).account).data);
  try {
    const { mint, amount } = decodeTokenAccount(toBytes(content));
    return [{ mint: toMint(mint), amount }];
  } catch (error) {
    if (error instanceof InvalidAccount) return []; // Never initialized: it holds nothing.
    throw error;
  }
}

const slotOf = (fields: Readonly<Record<string, unknown>>): bigint => toU64(toFields(fields.context).slot);
