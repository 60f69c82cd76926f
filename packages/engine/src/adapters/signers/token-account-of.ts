import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';

const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
const MAX_REMEMBERED = 10_000;

export type TokenAccountOf = (token: { mint: string; tokenProgram: string }) => Promise<string>;

/** The owner's associated token accounts, derived here so that no address is taken from the message. */
export function createTokenAccountOf(owner: string): TokenAccountOf {
  const encoder = getAddressEncoder();
  const remembered = new Map<string, string>();
  return async ({ mint, tokenProgram }) => {
    const key = `${mint} ${tokenProgram}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const [derived] = await getProgramDerivedAddress({
      programAddress: ASSOCIATED_TOKEN_PROGRAM as Address,
      seeds: [owner, tokenProgram, mint].map((address) => encoder.encode(address as Address)),
    });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, derived);
    return derived;
  };
}
