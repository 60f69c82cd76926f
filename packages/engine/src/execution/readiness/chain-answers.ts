import type { Ports } from '../ports.ts';
import { type ReadinessCheck, succeeds } from './readiness.ts';

/** Ready if at least one node returns a blockhash, which signing needs. */
export const chainAnswers = ({ chain }: Pick<Ports, 'chain'>): ReadinessCheck =>
  succeeds(
    'chain',
    () => Promise.any(chain.nodes.map((node) => node.latestBlockhash())),
    'no node gives a blockhash',
  );
