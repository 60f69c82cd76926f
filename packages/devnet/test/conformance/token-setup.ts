import { deriveAssociatedTokenAccount, requireAddressBytes } from '@oee/solana';
import { type Address, generateKeyPairSigner, type Instruction, type KeyPairSigner } from '@solana/kit';

const SYSTEM = '11111111111111111111111111111111' as Address;
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' as Address;
const ASSOCIATED = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL' as Address;
const MINT_BYTES = 82;

/** Makes a mint of two decimals and gives its owner 12.34 of it, by the real programs, on any cluster. */
export async function mintTokens(
  payer: KeyPairSigner,
  rentLamports: number,
): Promise<{ mint: string; tokenAccount: string; instructions: Instruction[] }> {
  const mint = await generateKeyPairSigner();
  const tokenAccount = await deriveAssociatedTokenAccount(payer.address, mint.address);
  const instructions = [
    {
      programAddress: SYSTEM,
      accounts: [signer(payer), signer(mint)],
      data: bytes(u32(0), u64(BigInt(rentLamports)), u64(BigInt(MINT_BYTES)), requireAddressBytes(TOKEN)),
    },
    {
      programAddress: TOKEN,
      accounts: [{ address: mint.address, role: 1 }],
      data: bytes(Uint8Array.of(20, 2), requireAddressBytes(payer.address), Uint8Array.of(0)),
    },
    {
      programAddress: ASSOCIATED,
      accounts: [
        signer(payer),
        { address: tokenAccount as Address, role: 1 },
        { address: payer.address, role: 0 },
        { address: mint.address, role: 0 },
        { address: SYSTEM, role: 0 },
        { address: TOKEN, role: 0 },
      ],
      data: Uint8Array.of(1),
    },
    {
      programAddress: TOKEN,
      accounts: [
        { address: mint.address, role: 1 },
        { address: tokenAccount as Address, role: 1 },
        signer(payer),
      ],
      data: bytes(Uint8Array.of(7), u64(1_234n)),
    },
  ];
  return { mint: mint.address, tokenAccount, instructions: instructions as Instruction[] };
}

const signer = (one: KeyPairSigner) => ({ address: one.address, role: 3, signer: one });
const bytes = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function u32(value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, value, true);
  return data;
}

function u64(value: bigint): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, value, true);
  return data;
}
