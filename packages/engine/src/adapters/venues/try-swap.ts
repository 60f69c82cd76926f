import type { Token } from '../../domain/token.ts';
import type { Instruction, Simulation } from '../../ports/chain.ts';

/**
 * Simulates a swap of the wallet between its accounts of two tokens, which exist in the simulation even where the wallet
 * has none yet. Nothing is signed or sent.
 *
 * @throws {ChainUnavailable} The chain could not be asked.
 */
export type TrySwap = (
  tokens: readonly [Token, Token],
  instruction: (wallet: { payer: string; tokenAccountIn: string; tokenAccountOut: string }) => Instruction,
) => Promise<Simulation>;
