import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';

const MAX_REMEMBERED = 10_000;

/** Addresses that a program derives for a pool, remembered: a derivation costs half a millisecond. */
export function createPoolDerivation(programAddress: string) {
  const remembered = new Map<string, string>();
  const encoder = getAddressEncoder();
  return async (seed: string, pool: string, index = new Uint8Array()): Promise<string> => {
    const key = `${seed} ${pool} ${index.join()}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const [derived] = await getProgramDerivedAddress({
      programAddress: programAddress as Address,
      seeds: [seed, encoder.encode(pool as Address), index],
    });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, derived);
    return derived;
  };
}
