import { hash } from 'node:crypto';
import { toSignature } from '../../domain/signature.ts';
import type { Mint } from '../../domain/token.ts';
import type { MessageParts } from '../../ports/chain.ts';
import {
  PolicyRefused,
  type ReceiptPolicy,
  type SignedTransaction,
  type Signer,
  type SigningPolicy,
} from '../../ports/signer.ts';
import { accountOfMint } from './ledger.ts';
import {
  decodeClosing,
  decodeMessage,
  decodeSwap,
  joinTransaction,
  MEMORY_PROGRAM,
  RECEIPT_PROGRAM,
} from './message.ts';

/** Signs for the in-process chain, under the same policy: payer, program, mints, limits and receipts of the message. */
export function createMemorySigner(address: string): Signer {
  const signed = (message: Uint8Array): SignedTransaction => {
    const signature = toSignature(hash('sha256', message, 'hex'));
    return { signature, bytes: joinTransaction(signature, message) };
  };
  return {
    address,
    async sign(message, policy) {
      checkSwap(readOwn(address, message), policy);
      return signed(message);
    },
    receiptSeed: async (orderId) => hash('sha256', `${address}/${orderId}`, 'hex').slice(0, 32),
    async signReceipts(message, policy) {
      checkReceipts(readOwn(address, message), policy);
      return signed(message);
    },
  };
}

function readOwn(address: string, message: Uint8Array): MessageParts {
  const parts = decodeMessage(message);
  if (parts.payer !== address) throw new PolicyRefused(`payer is ${parts.payer}`);
  return parts;
}

function checkReceipts({ receipt, instructions }: MessageParts, policy: ReceiptPolicy): void {
  if (policy.action === 'create') {
    if (receipt?.address !== policy.receipt.address || instructions.length > 0)
      throw new PolicyRefused('it does not only create its receipt');
    return;
  }
  const known = new Set(policy.receipts.map((each) => each.address));
  const isKnown = instructions.every(
    ({ programAddress, data }) =>
      programAddress === RECEIPT_PROGRAM && known.has(decodeClosing(data).address),
  );
  if (receipt || instructions.length === 0 || !isKnown)
    throw new PolicyRefused('it does not only close receipts that it was told to');
}

function checkSwap(parts: MessageParts, policy: SigningPolicy): void {
  const { receipt, instructions } = parts;
  if (receipt?.address !== policy.receipt?.address) throw new PolicyRefused("it creates another's receipt");
  const { mintIn, mintOut, intermediateMints = [] } = policy;
  const { payer } = parts;
  const delivered = new Map(intermediateMints.map((mint) => [mint, 0n]));
  let spent = 0n;
  let arriving = 0n;
  for (const { programAddress, accounts, data } of instructions) {
    if (programAddress !== MEMORY_PROGRAM)
      throw new PolicyRefused(`program ${programAddress} is not allowed`);
    const swap = decodeSwap(data);
    if (swap.swapMode === 'partialFill' && !policy.mayFillInPart)
      throw new PolicyRefused('a swap may be filled in part');
    if (swap.mintIn === mintIn) spent += swap.amountIn;
    else {
      const left = (delivered.get(swap.mintIn) ?? -1n) - swap.amountIn;
      if (left < 0n) throw new PolicyRefused(`mint ${swap.mintIn} is not the order's to spend`);
      delivered.set(swap.mintIn, left);
    }
    const paysInto = (mint: Mint) => accounts[2]?.address === accountOfMint(payer, mint);
    const through = intermediateMints.find(paysInto);
    if (through === undefined && !paysInto(mintOut)) throw new PolicyRefused('a swap pays out elsewhere');
    if (through === undefined) arriving += swap.amountOut;
    else delivered.set(through, (delivered.get(through) ?? 0n) + swap.amountOut);
  }
  if (spent > policy.maxAmountIn) throw new PolicyRefused(`takes ${spent}, at most ${policy.maxAmountIn}`);
  const isEnough = policy.mayFillInPart
    ? arriving * policy.maxAmountIn >= policy.minAmountOut * spent
    : arriving >= policy.minAmountOut;
  if (!isEnough)
    throw new PolicyRefused(`takes ${spent} and delivers ${arriving}, at least ${policy.minAmountOut}`);
}
