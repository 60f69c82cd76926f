import { AccountRole, address, getBase58Decoder, type Instruction, type KeyPairSigner } from '@solana/kit';
import type { Devnet } from '../../src/index.ts';
import { send, signed } from './client.ts';

interface WireInstruction {
  readonly programId: string;
  readonly accounts: readonly { pubkey: string; isSigner: boolean; isWritable: boolean }[];
  readonly data: string;
}

/** The answer of `GET /swap/v2/build`. */
export interface BuiltSwap {
  readonly inAmount: string;
  readonly outAmount: string;
  readonly otherAmountThreshold: string;
  readonly swapMode: string;
  readonly slippageBps: number;
  readonly priceImpactPct: string;
  readonly routePlan: readonly { swapInfo: Record<string, string>; percent: number; bps: number }[];
  readonly computeBudgetInstructions: readonly WireInstruction[];
  readonly setupInstructions: readonly WireInstruction[];
  readonly swapInstruction: WireInstruction;
  readonly cleanupInstruction: WireInstruction | null;
  readonly otherInstructions: readonly WireInstruction[];
  readonly blockhashWithMetadata: { blockhash: number[]; lastValidBlockHeight: number };
}

/**
 * Sends the answer as Jupiter's own example does: every instruction in its order, with the blockhash given.
 *
 * @returns The transaction's signature.
 */
export async function sendBuilt(devnet: Devnet, taker: KeyPairSigner, built: BuiltSwap): Promise<string> {
  const instructions = [
    ...built.computeBudgetInstructions,
    ...built.setupInstructions,
    built.swapInstruction,
    ...(built.cleanupInstruction ? [built.cleanupInstruction] : []),
    ...built.otherInstructions,
  ].map((instruction) => toInstruction(taker, instruction));
  const blockhash = getBase58Decoder().decode(Uint8Array.from(built.blockhashWithMetadata.blockhash));
  const { base64, signature } = await signed(devnet, taker, instructions, blockhash as never);
  await send(devnet, base64);
  return signature;
}

function toInstruction(taker: KeyPairSigner, { programId, accounts, data }: WireInstruction): Instruction {
  return {
    programAddress: address(programId),
    accounts: accounts.map(({ pubkey, isSigner, isWritable }) => {
      if (isSigner)
        return { address: taker.address, role: AccountRole.WRITABLE_SIGNER, signer: taker } as never;
      return { address: address(pubkey), role: isWritable ? AccountRole.WRITABLE : AccountRole.READONLY };
    }),
    data: Buffer.from(data, 'base64'),
  };
}
