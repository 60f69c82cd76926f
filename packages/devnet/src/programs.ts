import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The programs of the devnet: one C source each in programs/, one committed ELF each in programs/bin/. */
export const PROGRAM_NAMES = ['raydium-cpmm', 'meteora-damm-v2', 'meteora-dlmm'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Found from src/ and from dist/ alike: both are one level below the package. */
export const PROGRAM_DIRECTORY = fileURLToPath(new URL('../programs/', import.meta.url));

/** @returns The committed ELF. */
export function readCommittedProgram(name: ProgramName): Buffer {
  return readFileSync(`${PROGRAM_DIRECTORY}bin/${name}.so`);
}
