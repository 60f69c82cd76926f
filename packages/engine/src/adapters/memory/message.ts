import type { SwapMode } from '../../domain/quote.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { type Signature, toSignature } from '../../domain/signature.ts';
import type { Mint } from '../../domain/token.ts';
import type { Instruction, MessageParts } from '../../ports/chain.ts';

/** The in-process chain's own wire format: JSON. A signed transaction is its signature before the message. */
export function encodeMessage(parts: MessageParts): Uint8Array {
  const instructions = parts.instructions.map(({ data, ...rest }) => ({
    ...rest,
    data: textOf(data),
  }));
  return Buffer.from(
    JSON.stringify({
      ...parts,
      instructions,
      computeUnitPriceMicroLamports: parts.computeUnitPriceMicroLamports.toString(),
      ...(parts.receipt && { receipt: toPlain(parts.receipt) }),
    }),
  );
}

export function decodeMessage(message: Uint8Array): MessageParts {
  const parts = JSON.parse(textOf(message));
  return {
    ...parts,
    instructions: parts.instructions.map((one: { data: string }) => ({
      ...one,
      data: Buffer.from(one.data),
    })),
    computeUnitPriceMicroLamports: BigInt(parts.computeUnitPriceMicroLamports),
    ...(parts.receipt && { receipt: fromPlain(parts.receipt) }),
  };
}

/** Reads the text without copying the bytes. */
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

export const SIGNATURE_CHARACTERS = 64;

export const joinTransaction = (signature: Signature, message: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(signature, 'latin1'), message]);

export const splitTransaction = (bytes: Uint8Array): { signature: Signature; message: Uint8Array } => ({
  signature: toSignature(Buffer.from(bytes.subarray(0, SIGNATURE_CHARACTERS)).toString('latin1')),
  message: bytes.subarray(SIGNATURE_CHARACTERS),
});

/** A swap of the in-process exchange, with the same two limits that the real programs enforce. */
export interface SwapData {
  readonly pool: string;
  readonly mintIn: Mint;
  readonly swapMode: SwapMode;
  readonly amountIn: bigint;
  readonly amountOut: bigint;
}

export const MEMORY_PROGRAM = 'memory-exchange';

export function encodeSwap(swap: SwapData): Uint8Array {
  return Buffer.from(
    JSON.stringify({ ...swap, amountIn: swap.amountIn.toString(), amountOut: swap.amountOut.toString() }),
  );
}

export function decodeSwap(data: Uint8Array): SwapData {
  const swap = JSON.parse(textOf(data));
  return { ...swap, amountIn: BigInt(swap.amountIn), amountOut: BigInt(swap.amountOut) };
}

/** Closes receipts of the payer. */
export const RECEIPT_PROGRAM = 'memory-receipts';

export const closeReceipt = (receipt: Receipt): Instruction => ({
  programAddress: RECEIPT_PROGRAM,
  accounts: [{ address: receipt.address, signer: false, writable: true }],
  data: Buffer.from(JSON.stringify(toPlain(receipt))),
});

export const decodeClosing = (data: Uint8Array): Receipt => fromPlain(JSON.parse(textOf(data)));

type PlainReceipt = Omit<Receipt, 'lamports'> & { readonly lamports: string };

const toPlain = ({ address, seed, lamports }: Receipt): PlainReceipt => ({
  address,
  seed,
  lamports: lamports.toString(),
});
const fromPlain = (receipt: PlainReceipt): Receipt => ({ ...receipt, lamports: BigInt(receipt.lamports) });

/** The address of a wallet's receipt; as on Solana, it depends on both the wallet and the seed. */
export const receiptAddress = (owner: string, seed: string): string => `${owner}/receipt/${seed}`;
