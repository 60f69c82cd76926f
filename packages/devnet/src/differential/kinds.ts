import type { DrawnKind } from './drawn-kind.ts';
import { drawnMeteoraDammV2 } from './kinds/meteora-damm-v2.ts';
import { drawnMeteoraDlmm } from './kinds/meteora-dlmm.ts';
import { drawnRaydiumAmmV4 } from './kinds/raydium-amm-v4.ts';
import { drawnRaydiumClmm } from './kinds/raydium-clmm.ts';
import { drawnRaydiumCpmm } from './kinds/raydium-cpmm.ts';

export const DRAWN_KINDS: readonly DrawnKind[] = [
  drawnRaydiumCpmm,
  drawnRaydiumAmmV4,
  drawnRaydiumClmm,
  drawnMeteoraDammV2,
  drawnMeteoraDlmm,
];
