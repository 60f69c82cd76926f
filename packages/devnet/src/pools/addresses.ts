import {
  type Address,
  address,
  getAddressDecoder,
  getAddressEncoder,
  getProgramDerivedAddress,
} from '@solana/kit';

export const SYSTEM_PROGRAM = '11111111111111111111111111111111';
export const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
export const RAYDIUM_CPMM_PROGRAM = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';
export const METEORA_DAMM_V2_PROGRAM = 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG';
export const METEORA_DLMM_PROGRAM = 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo';
export const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
export const INSTRUCTIONS_SYSVAR = 'Sysvar1nstructions1111111111111111111111111';
export const NATIVE_MINT = 'So11111111111111111111111111111111111111112';

/** PDA of `vault_and_lp_mint_auth_seed`: owns every Raydium CPMM vault. */
export const RAYDIUM_CPMM_AUTHORITY = { address: 'GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL', bump: 253 };
/** PDA of `pool_authority`: owns every Meteora DAMM v2 vault. */
export const METEORA_DAMM_V2_AUTHORITY = 'HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC';
/** PDA of `__event_authority` of Meteora DAMM v2. */
export const METEORA_DAMM_V2_EVENT_AUTHORITY = '3rmHSu74h1ZcmAisVcWerTCiRDQbUrBKmcwptYGjHfet';
/** PDA of `__event_authority` of Meteora DLMM. */
export const METEORA_DLMM_EVENT_AUTHORITY = 'D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6';

const encoder = getAddressEncoder();
const decoder = getAddressDecoder();
const keyOf = new Map<string, Uint8Array>();

/** The 32 bytes of an address. Remembered, since the same few addresses are asked for in every slot. */
export function toKey(text: string): Uint8Array {
  let key = keyOf.get(text);
  if (key === undefined) {
    key = new Uint8Array(encoder.encode(address(text)));
    keyOf.set(text, key);
  }
  return key;
}

export function toAddress(key: Uint8Array): Address {
  return decoder.decode(key);
}

/** @param seeds Text, raw bytes, or the bytes of an address given as `toKey(…)`. */
export async function deriveAddress(program: string, seeds: (string | Uint8Array)[]): Promise<string> {
  return (await deriveAddressAndBump(program, seeds)).address;
}

/** The address, and the byte that takes it off the curve, with which the program signs for it. */
export async function deriveAddressAndBump(
  program: string,
  seeds: (string | Uint8Array)[],
): Promise<{ address: string; bump: number }> {
  const [derived, bump] = await getProgramDerivedAddress({ programAddress: address(program), seeds });
  return { address: derived, bump };
}

/** The associated token account of SPL Token. */
export function deriveAssociatedTokenAccount(owner: string, mint: string): Promise<string> {
  return deriveAddress(ASSOCIATED_TOKEN_PROGRAM, [toKey(owner), toKey(TOKEN_PROGRAM), toKey(mint)]);
}

/** Whether `a` sorts before `b` by bytes: the order in which pools name their two mints. */
export function isBefore(a: string, b: string): boolean {
  return Buffer.compare(toKey(a), toKey(b)) < 0;
}
