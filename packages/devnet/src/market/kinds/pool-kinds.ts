import { meteoraDammV2Kind } from './meteora-damm-v2-kind.ts';
import { meteoraDlmmKind } from './meteora-dlmm-kind.ts';
import type { KindName, PoolKind } from './pool-kind.ts';
import { raydiumAmmV4Kind } from './raydium-amm-v4-kind.ts';
import { raydiumClmmKind } from './raydium-clmm-kind.ts';
import { raydiumCpmmKind } from './raydium-cpmm-kind.ts';

/** Every kind of pool of the local chain; a missing kind is a compile error. */
const POOL_KINDS: { readonly [Name in KindName]: PoolKind<Name> } = {
  'raydium-cpmm': raydiumCpmmKind,
  'raydium-amm-v4': raydiumAmmV4Kind,
  'raydium-clmm': raydiumClmmKind,
  'meteora-damm-v2': meteoraDammV2Kind,
  'meteora-dlmm': meteoraDlmmKind,
};

/** The kind of a pool: its methods accept only pools and configurations of that kind. */
export const kindOf = <Name extends KindName>({ kind }: { readonly kind: Name }): PoolKind<Name> =>
  POOL_KINDS[kind];

export const ALL_KINDS = Object.values(POOL_KINDS);
