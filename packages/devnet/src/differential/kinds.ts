import { meteoraDammV2Kind } from './kinds/meteora-damm-v2.ts';
import { meteoraDlmmKind } from './kinds/meteora-dlmm.ts';
import { raydiumAmmV4Kind } from './kinds/raydium-amm-v4.ts';
import { raydiumClmmKind } from './kinds/raydium-clmm.ts';
import { raydiumCpmmKind } from './kinds/raydium-cpmm.ts';
import type { PoolKind } from './pool-kind.ts';

export const POOL_KINDS: readonly PoolKind[] = [
  raydiumCpmmKind,
  raydiumAmmV4Kind,
  raydiumClmmKind,
  meteoraDammV2Kind,
  meteoraDlmmKind,
];
