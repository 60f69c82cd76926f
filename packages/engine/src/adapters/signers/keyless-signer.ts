import { PolicyRefused, type Signer } from '../../ports/signer.ts';

/** The wallet of a process that shows it but never signs: an address without a key. */
export function createKeylessSigner(address: string): Signer {
  const refuse = async (): Promise<never> => {
    throw new PolicyRefused('this process holds no key');
  };
  return { address, sign: refuse, receiptSeed: refuse, signReceipts: refuse };
}
