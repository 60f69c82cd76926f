import type { Branded } from './brand.ts';

/** Address of a token's mint, base58: the token's identity. */
export type Mint = Branded<string, 'Mint'>;
export const toMint = (address: string): Mint => address as Mint;

/** A token that the engine knows: its mint exists on the chain and its decimals were read there. */
export interface Token {
  /** Native SOL carries the mint of wrapped SOL. */
  readonly mint: Mint;
  /** Display name. It comes from a list or the chain, so it is never trusted as an identifier beyond look-up. */
  readonly symbol: string;
  /** 0 to 18. */
  readonly decimals: number;
  /** Address of the token program that owns the mint. */
  readonly tokenProgram: string;
}

/** Mint of wrapped SOL; on the wire this token is native SOL. */
export const SOL_MINT = toMint('So11111111111111111111111111111111111111112');

export const isSol = (token: Token): boolean => token.mint === SOL_MINT;

/** SOL has nine decimals; its base unit is the lamport. */
export const SOL_DECIMALS = 9;

/** Whether a text could be a mint's address. */
export const isMintLike = (text: string): text is Mint => /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text);
