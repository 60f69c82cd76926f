import { requireAddressBytes } from '@oee/solana';

/** PDA of `vault_and_lp_mint_auth_seed`: owns every Raydium CPMM vault. */
export const RAYDIUM_CPMM_AUTHORITY = { address: 'GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL', bump: 253 };
/** PDA of `pool_authority`: owns every Meteora DAMM v2 vault. */
export const METEORA_DAMM_V2_AUTHORITY = 'HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC';
/** PDA of `__event_authority` of Meteora DAMM v2. */
export const METEORA_DAMM_V2_EVENT_AUTHORITY = '3rmHSu74h1ZcmAisVcWerTCiRDQbUrBKmcwptYGjHfet';
/** PDA of `__event_authority` of Meteora DLMM. */
export const METEORA_DLMM_EVENT_AUTHORITY = 'D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6';

/** Whether `a` sorts before `b` by bytes: the order in which pools name their two mints. */
export function isBefore(a: string, b: string): boolean {
  return Buffer.compare(requireAddressBytes(a), requireAddressBytes(b)) < 0;
}
