import type { BaseUnits } from '../domain/amount.ts';
import type { Mint } from '../domain/token.ts';
import type { Instruction } from './chain.ts';

/** The amounts and accounts that one swap instruction may move, read from its bytes and accounts alone. */
export interface InspectedSwap {
  /** Base58; null where the program swaps through several that its instruction does not tell apart. */
  readonly pool: string | null;
  /**
   * The swap's two tokens; which of them goes in follows from the token accounts. Null where the instruction names none:
   * then they are those of the token accounts, since a transfer between accounts of different tokens fails.
   */
  readonly tokens: readonly [InspectedToken, InspectedToken] | null;
  /** Signs for `source`, base58. */
  readonly authority: string;
  /** Token account that pays. */
  readonly source: string;
  /** Token account that receives. */
  readonly destination: string;
  /** Base units that leave `source` at most; the program enforces it. */
  readonly maxIn: BaseUnits;
  /** Base units that reach `destination` at least; the program enforces it. */
  readonly minOut: BaseUnits;
  /** The program may take a part of the input and leave the rest. Absent: it takes what the mode says or fails. */
  readonly mayFillInPart?: true;
}

interface InspectedToken {
  readonly mint: Mint;
  /** The pool's own token account of the mint; null where there is no one pool. */
  readonly vault: string | null;
  /** Null where the instruction serves both token programs. */
  readonly tokenProgram: string | null;
}

/** Decodes the swap instructions of one venue's program for the signer. */
export interface SwapInspector {
  readonly programAddress: string;
  /** Null unless the instruction is a swap of exactly the form that the venue builds. */
  inspect(instruction: Instruction): InspectedSwap | null;
  /** Why an instruction that is known by name is never signed; null for any other. */
  refusal?(instruction: Instruction): string | null;
}
