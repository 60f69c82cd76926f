import type { OrderId } from '../../domain/order.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import type { Signer } from '../../ports/signer.ts';

/** Pause before a question is asked again; as short as the waiting room's, so that orders go on within a second of the chain's return. */
export const START_LOOK_MS = 400;

/** What a start asks the chain about the past, to find out whether chain and database tell of the same one. */
export interface StartQuestion {
  /** Why nothing is signed, for people; null when all is well. */
  problem(): string | null;
  /** Asks every node once. Never rejects. */
  look(): Promise<void>;
  /** Asks again while there is a problem. Says it in the log. Runs until the signal aborts at the latest. */
  run(signal: AbortSignal): Promise<void>;
}

/** Chain and database tell of different pasts, or it is not known yet that they do not. */
export class PastUnknown extends ChainUnavailable {
  override name = 'PastUnknown';
}

/** The signer, silent while a question of the start has no good answer. */
export function signerOnceAnswered(
  signer: Signer,
  questions: readonly Pick<StartQuestion, 'problem'>[],
): Signer {
  const requireAnswers = (): void => {
    for (const question of questions) {
      const problem = question.problem();
      if (problem !== null) throw new PastUnknown(`nothing is signed: ${problem}`);
    }
  };
  return {
    address: signer.address,
    receiptSeed: (orderId: OrderId) => signer.receiptSeed(orderId),
    async sign(message, policy) {
      requireAnswers();
      return signer.sign(message, policy);
    },
    async signReceipts(message, policy) {
      requireAnswers();
      return signer.signReceipts(message, policy);
    },
  };
}
