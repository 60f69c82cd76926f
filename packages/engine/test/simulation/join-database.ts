import { createMemorySigner } from '../../src/adapters/memory/signer.ts';
import { bindingProblem } from '../../src/domain/binding.ts';
import type { Signer } from '../../src/ports/signer.ts';
import { WALLET } from '../support/world.ts';
import type { Simulated } from './simulated.ts';
import type { StoreLink } from './store-link.ts';

/** What a process is given to sign with. */
export interface Keys {
  readonly wallet: string;
  readonly secret: string;
}

export const OTHER_WALLET = 'another wallet';
const OWN: Keys = { wallet: WALLET, secret: 'secret' };
const OTHERS: readonly Keys[] = [
  { ...OWN, wallet: OTHER_WALLET },
  { ...OWN, secret: 'another secret' },
];

/** Sometimes a process is started with another wallet or secret than those that the database is bound to. */
export function drawKeys({ chance, count, faults }: Simulated): Keys {
  if (!chance.happens(faults().processDiffers)) return OWN;
  count('process that differs');
  return chance.pick(OTHERS);
}

/** Receipts follow from the secret alone. */
export function signerWith({ wallet, secret }: Keys): Signer {
  return { ...createMemorySigner(wallet), receiptSeed: createMemorySigner(secret).receiptSeed };
}

/** An earlier start has bound the database. @throws {Error} To other keys. */
export function joinDatabase(
  { chain }: Simulated,
  { read }: StoreLink,
  { wallet, secret }: Keys,
): Promise<void> {
  const { genesisHash } = chain.chain.identity;
  const hasBoundSecret = secret === OWN.secret;
  return read(async () => {
    const problem = bindingProblem(
      { genesisHash, wallet: OWN.wallet },
      { genesisHash, signer: { wallet, hasBoundSecret } },
    );
    if (problem !== null) throw new Error(problem);
  });
}
