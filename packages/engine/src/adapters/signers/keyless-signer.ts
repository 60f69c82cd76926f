import { PolicyRefused, type Signer } from '../../ports/signer.ts';

/** The wallet in a process that shows it and never trades with it: it has an address and no key. */
export function createKeylessSigner(address: string): Signer {
  const refuse = async (): Promise<never> => {
    throw new PolicyRefused('this process holds no key');
  };
  return { address, sign: refuse, receiptSeed: refuse, signReceipts: refuse };
}
