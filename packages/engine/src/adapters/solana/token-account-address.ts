import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { ASSOCIATED_TOKEN_PROGRAM } from './instructions.ts';

const MAX_REMEMBERED = 10_000;

export type TokenAccountAddresses = (account: {
  owner: string;
  mint: string;
  tokenProgram: string;
}) => Promise<string>;

/** Derives associated token account addresses and remembers them: a derivation costs half a millisecond. */
export function createTokenAccountAddresses(): TokenAccountAddresses {
  const remembered = new Map<string, string>();
  const encoder = getAddressEncoder();

  return async ({ owner, mint, tokenProgram }) => {
    const key = `${owner} ${mint} ${tokenProgram}`;
    const known = remembered.get(key);
    if (known) return known;
    const [derived] = await getProgramDerivedAddress({
      programAddress: ASSOCIATED_TOKEN_PROGRAM as Address,
      seeds: [owner, tokenProgram, mint].map((address) => encoder.encode(address as Address)),
    });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, derived);
    return derived;
  };
}
