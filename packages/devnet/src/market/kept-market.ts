import type { Genesis } from '../genesis.ts';

/**
 * The part of a genesis that a chain has. A ledger keeps the tokens and pools that it was created with, and a later
 * version's genesis has more. The additional ones are not on its chain, so the devnet does not list, fund or trade them
 * there.
 *
 * @param exists Whether the chain has an account at the address.
 */
export function keptMarket(genesis: Genesis, exists: (address: string) => boolean): Genesis {
  const isKept = ({ address }: { readonly address: string }): boolean => exists(address);
  return {
    ...genesis,
    tokens: genesis.tokens.filter(({ mint }) => exists(mint)),
    pools: genesis.pools.filter(isKept),
    lookupTables: genesis.lookupTables.filter(exists),
    placedPools: genesis.placedPools.filter(isKept),
    layout: { ...genesis.layout, pools: genesis.layout.pools.filter(isKept) },
  };
}
