import { ChainUnavailable } from '../../ports/chain.ts';
import type { Signer } from '../../ports/signer.ts';
import { gateSigner } from './gate-signer.ts';

/** Pause before a question is asked again; as short as the waiting room's, so that orders go on within a second of the chain's return. */
export const START_LOOK_MS = 400;

/** A check at the start that chain and database agree about the past. */
export interface StartQuestion {
  /** Why the engine signs nothing, for people; null if the check has passed. */
  problem(): string | null;
  /** Asks every node once. Never rejects. */
  look(): Promise<void>;
  /** Repeats the check and logs it while there is a problem. Runs at most until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Chain and database disagree about the past, or the check has not finished. */
export class PastUnknown extends ChainUnavailable {
  override name = 'PastUnknown';
}

/** A signer that refuses until the checks of the start have passed. */
export const signerOnceAnswered = (
  signer: Signer,
  questions: readonly Pick<StartQuestion, 'problem'>[],
): Signer =>
  gateSigner(signer, () => {
    for (const question of questions) {
      const problem = question.problem();
      if (problem !== null) throw new PastUnknown(`nothing is signed: ${problem}`);
    }
  });
