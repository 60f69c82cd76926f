import type { Mutant } from './mutant.ts';
import { MARKET_MUTANTS } from './mutants/market-mutants.ts';
import { NODE_MUTANTS } from './mutants/node-mutants.ts';
import { ORDER_MUTANTS } from './mutants/order-mutants.ts';
import { PROOF_MUTANTS } from './mutants/proof-mutants.ts';
import { RECEIPT_MUTANTS } from './mutants/receipt-mutants.ts';
import { STORE_MUTANTS } from './mutants/store-mutants.ts';
import { STREAM_MUTANTS } from './mutants/stream-mutants.ts';
import { TIME_MUTANTS } from './mutants/time-mutants.ts';
import { TRIGGER_MUTANTS } from './mutants/trigger-mutants.ts';

/** All planted mistakes, in the order of the table of docs/simulation.md. */
export const MUTANTS: readonly Mutant[] = [
  ...PROOF_MUTANTS,
  ...NODE_MUTANTS,
  ...ORDER_MUTANTS,
  ...MARKET_MUTANTS,
  ...TIME_MUTANTS,
  ...STORE_MUTANTS,
  ...RECEIPT_MUTANTS,
  ...STREAM_MUTANTS,
  ...TRIGGER_MUTANTS,
];
