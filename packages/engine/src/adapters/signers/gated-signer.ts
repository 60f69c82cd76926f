import { type Signer, SigningStopped } from '../../ports/signer.ts';

/**
 * Signs only while it may. Asked right before each signature: what was begun earlier counts for nothing.
 *
 * @param whyNot Why nothing may be signed now; null while it may.
 */
export function createGatedSigner(signer: Signer, whyNot: () => string | null): Signer {
  const requireOpen = (): void => {
    const reason = whyNot();
    if (reason !== null) throw new SigningStopped(`Nothing is signed now: ${reason}.`);
  };
  return {
    address: signer.address,
    whyNot,
    receiptSeed: (orderId) => signer.receiptSeed(orderId),
    async sign(message, policy) {
      requireOpen();
      return signer.sign(message, policy);
    },
    async signReceipts(message, policy) {
      requireOpen();
      return signer.signReceipts(message, policy);
    },
  };
}
