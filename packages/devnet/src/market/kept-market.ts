import type { Genesis } from '../genesis.ts';

/**
 * What a chain has of a genesis. A ledger keeps the tokens and pools that it was made with, and a later version's genesis
 * has more: those are not on its chain, so nothing lists, funds or trades them there.
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
