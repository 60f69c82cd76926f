export { addressBytes, addressText, requireAddressBytes, tryDecodeBase58 } from './address-bytes.ts';
export {
  createPoolDerivation,
  createTokenAccountAddresses,
  deriveAddress,
  deriveAddressAndBump,
  deriveAssociatedTokenAccount,
  type Seed,
  type TokenAccount,
} from './derive-address.ts';
export * from './programs.ts';
export { seededAddress } from './seeded-address.ts';
