import type { Token } from '../../domain/token.ts';
import type { Instruction, Simulation } from '../../ports/chain.ts';

/**
 * Simulates a swap of the wallet between its accounts of two tokens. The simulation creates accounts that the wallet
 * lacks. It signs and sends nothing.
 *
 * @throws {ChainUnavailable} The chain did not answer.
 */
export type TrySwap = (
  tokens: readonly [Token, Token],
  instruction: (wallet: { payer: string; tokenAccountIn: string; tokenAccountOut: string }) => Instruction,
) => Promise<Simulation>;
