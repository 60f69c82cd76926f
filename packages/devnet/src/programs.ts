import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  METEORA_DAMM_V2_PROGRAM,
  METEORA_DLMM_PROGRAM,
  RAYDIUM_AMM_V4_PROGRAM,
  RAYDIUM_CLMM_PROGRAM,
  RAYDIUM_CPMM_PROGRAM,
} from '@oee/amm';

/** The programs of the devnet with their mainnet addresses: one C source each in programs/, one ELF each in programs/bin/. */
export const PROGRAMS = {
  'raydium-cpmm': RAYDIUM_CPMM_PROGRAM,
  'raydium-amm-v4': RAYDIUM_AMM_V4_PROGRAM,
  'raydium-clmm': RAYDIUM_CLMM_PROGRAM,
  'meteora-damm-v2': METEORA_DAMM_V2_PROGRAM,
  'meteora-dlmm': METEORA_DLMM_PROGRAM,
} as const;
export type ProgramName = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as readonly ProgramName[];

/** Found from src/ and from dist/ alike: both are one level below the package. */
export const PROGRAM_DIRECTORY = fileURLToPath(new URL('../programs/', import.meta.url));

/** @returns The committed ELF. */
export function readCommittedProgram(name: ProgramName): Buffer {
  return readFileSync(`${PROGRAM_DIRECTORY}bin/${name}.so`);
}
