import { meteoraDammV2Kind } from './kinds/meteora-damm-v2.ts';
import { meteoraDlmmKind } from './kinds/meteora-dlmm.ts';
import { raydiumCpmmKind } from './kinds/raydium-cpmm.ts';
import type { PoolKind } from './pool-kind.ts';

export const POOL_KINDS: readonly PoolKind[] = [raydiumCpmmKind, meteoraDammV2Kind, meteoraDlmmKind];
