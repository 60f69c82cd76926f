import { type Signer, SigningStopped } from '../../ports/signer.ts';

/**
 * The signer with a check right before each signature: what was begun earlier counts for nothing. Its other members stay as they
 * are, a gate below this one included.
 *
 * @param requireOpen Throws while nothing may be signed.
 */
export const gateSigner = (signer: Signer, requireOpen: () => void): Signer => ({
  ...signer,
  async sign(message, policy) {
    requireOpen();
    return signer.sign(message, policy);
  },
  async signReceipts(message, policy) {
    requireOpen();
    return signer.signReceipts(message, policy);
  },
});

/** A signer that can be stopped. @param whyNot Why nothing may be signed now; null while it may. */
export function stoppableSigner(signer: Signer, whyNot: () => string | null): Signer {
  const requireOpen = (): void => {
    const reason = whyNot();
    if (reason !== null) throw new SigningStopped(`Nothing is signed now: ${reason}.`);
  };
  return { ...gateSigner(signer, requireOpen), whyNot };
}
