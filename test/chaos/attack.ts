import type { Chance } from '../../packages/engine/test/simulation/chance.ts';
import type { ScaledEngine } from '../support/scaled-engine.ts';

/** What the parts of an attack share. */
export interface Attack {
  readonly engine: ScaledEngine;
  readonly chance: Chance;
  /** How often each thing was done. */
  readonly counts: Record<string, number>;
  /** Ends early when the attack does. */
  readonly pause: (ms: number) => Promise<unknown>;
  readonly signal: AbortSignal;
  /** Nodes fail, and nothing worse. */
  readonly isMild: boolean;
}
