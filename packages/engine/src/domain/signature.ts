import type { Branded } from './brand.ts';

/** Solana's name of a transaction: the payer's signature, base58. */
export type Signature = Branded<string, 'Signature'>;
export const toSignature = (base58: string): Signature => base58 as Signature;
