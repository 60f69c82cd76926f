import { address, getProgramDerivedAddress } from '@solana/kit';
import { requireAddressBytes } from './address-bytes.ts';
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM } from './programs.ts';

const MAX_REMEMBERED = 10_000;

/** Text, raw bytes, or the 32 bytes of an address. */
export type Seed = string | Uint8Array;

/**
 * Derives a program's address and its bump: the byte that moves the address off the curve, with which the program signs
 * for it.
 */
export async function deriveAddressAndBump(
  program: string,
  seeds: readonly Seed[],
): Promise<{ readonly address: string; readonly bump: number }> {
  const [derived, bump] = await getProgramDerivedAddress({
    programAddress: address(program),
    seeds: [...seeds],
  });
  return { address: derived, bump };
}

/** The address that a program derives from these seeds. */
export const deriveAddress = async (program: string, seeds: readonly Seed[]): Promise<string> =>
  (await deriveAddressAndBump(program, seeds)).address;

/** The associated token account of a wallet. @param tokenProgram The mint's program; SPL Token if left out. */
export const deriveAssociatedTokenAccount = (
  owner: string,
  mint: string,
  tokenProgram: string = TOKEN_PROGRAM,
): Promise<string> =>
  deriveAddress(ASSOCIATED_TOKEN_PROGRAM, [owner, tokenProgram, mint].map(requireAddressBytes));

export interface TokenAccount {
  readonly owner: string;
  readonly mint: string;
  readonly tokenProgram: string;
}

/** Derives associated token accounts and caches them: a derivation takes half a millisecond. */
export function createTokenAccountAddresses(): (account: TokenAccount) => Promise<string> {
  const derive = remembering(({ owner, mint, tokenProgram }: TokenAccount) =>
    deriveAssociatedTokenAccount(owner, mint, tokenProgram),
  );
  return (account) => derive(`${account.owner} ${account.mint} ${account.tokenProgram}`, account);
}

/**
 * Derives the accounts that a program keeps for a pool, and caches them.
 *
 * @param index Bytes after the pool's address; absent: none.
 */
export function createPoolDerivation(
  program: string,
): (seed: string, pool: string, index?: Uint8Array) => Promise<string> {
  const derive = remembering((seeds: readonly Seed[]) => deriveAddress(program, seeds));
  return (seed, pool, index = new Uint8Array()) =>
    derive(`${seed} ${pool} ${index.join()}`, [seed, requireAddressBytes(pool), index]);
}

function remembering<T>(derive: (from: T) => Promise<string>): (key: string, from: T) => Promise<string> {
  const remembered = new Map<string, string>();
  return async (key, from) => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const derived = await derive(from);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, derived);
    return derived;
  };
}
