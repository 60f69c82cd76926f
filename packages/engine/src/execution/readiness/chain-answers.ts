import type { Ports } from '../ports.ts';
import { type ReadinessCheck, succeeds } from './readiness.ts';

/** Nothing is signed without a blockhash; one node that gives it is enough. */
export const chainAnswers = ({ chain }: Pick<Ports, 'chain'>): ReadinessCheck =>
  succeeds(
    'chain',
    () => Promise.any(chain.nodes.map((node) => node.latestBlockhash())),
    'no node gives a blockhash',
  );
