import { createHash } from 'node:crypto';
import { PolicyRefused, type Signer, type SigningPolicy } from '../../ports/signer.ts';
import { decodeMessage, decodeSwap, joinTransaction, MEMORY_PROGRAM } from './message.ts';

/** Signs for the in-process chain, under the same policy: payer, program, mints and limits of the decoded message. */
export function createMemorySigner(address: string): Signer {
  return {
    address,
    async sign(message, policy) {
      checkPolicy(address, message, policy);
      const signature = createHash('sha256').update(message).digest('hex');
      return { signature, bytes: joinTransaction(signature, message) };
    },
  };
}

function checkPolicy(address: string, message: Uint8Array, policy: SigningPolicy): void {
  const { payer, instructions } = decodeMessage(message);
  if (payer !== address) throw new PolicyRefused(`payer is ${payer}`);
  let amountIn = 0n;
  let amountOut = 0n;
  for (const { programAddress, data } of instructions) {
    if (programAddress !== MEMORY_PROGRAM)
      throw new PolicyRefused(`program ${programAddress} is not allowed`);
    const swap = decodeSwap(data);
    if (swap.mintIn !== policy.mintIn) throw new PolicyRefused(`mint ${swap.mintIn} is not the order's`);
    amountIn += swap.amountIn;
    amountOut += swap.amountOut;
  }
  if (amountIn > policy.maxAmountIn)
    throw new PolicyRefused(`takes ${amountIn}, at most ${policy.maxAmountIn}`);
  if (amountOut < policy.minAmountOut)
    throw new PolicyRefused(`delivers ${amountOut}, at least ${policy.minAmountOut}`);
}
