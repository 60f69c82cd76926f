import { AnotherChain, type ChainIdentity, type Stranger } from './chain.ts';

/** Answers in a row after which a stranger is trusted again: an address may lead to one chain now and to another next. */
export const RIGHT_ANSWERS = 3;

export function createChainIdentity(genesisHash: string): ChainIdentity {
  const strangers = new Map<string, Stranger>();
  return {
    genesisHash,
    strangers,
    recognize(node, answering) {
      if (answering === genesisHash) return;
      strangers.set(node, { genesisHash: answering, rightAnswers: 0 });
      throw new AnotherChain(
        `${node} answers for the chain with genesis ${answering}, not for ${genesisHash}`,
      );
    },
    trustAgain(node) {
      const stranger = strangers.get(node);
      if (!stranger) return false;
      const rightAnswers = stranger.rightAnswers + 1;
      if (rightAnswers < RIGHT_ANSWERS) strangers.set(node, { ...stranger, rightAnswers });
      else strangers.delete(node);
      return rightAnswers >= RIGHT_ANSWERS;
    },
  };
}
