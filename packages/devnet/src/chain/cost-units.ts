import type { WireMessage } from './wire-transaction.ts';

const SIGNATURE_UNITS = 720n;
const WRITE_LOCK_UNITS = 300n;
const DATA_BYTES_PER_UNIT = 4n;
const PAGE_BYTES = 32n * 1024n;
const PAGE_UNITS = 8n;
/** Units for each signature that a precompile checks. */
const PRECOMPILE_UNITS: Readonly<Record<string, bigint>> = {
  Ed25519SigVerify111111111111111111111111111: 2_400n,
  KeccakSecp256k11111111111111111111111111111: 6_690n,
  Secp256r1SigVerify1111111111111111111111111: 4_800n,
};

/** A transaction's cost towards a block's limit, by Solana's cost model (crate `cost-model`). */
export function costUnitsOf(
  message: WireMessage,
  used: { readonly computeUnits: bigint; readonly loadedDataBytes: number },
): bigint {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, staticKeys, instructions, lookups } = message;
  const loadedLocks = lookups.reduce((sum, { writable }) => sum + writable.length, 0);
  const writeLocks = staticKeys.length - readonlySigned - readonlyUnsigned + loadedLocks;
  const dataBytes = instructions.reduce((sum, { data }) => sum + data.length, 0);
  const checked = instructions.map(
    ({ programIndex, data }) =>
      (PRECOMPILE_UNITS[staticKeys[programIndex] ?? ''] ?? 0n) * BigInt(data[0] ?? 0),
  );
  const pages = (BigInt(used.loadedDataBytes) + PAGE_BYTES - 1n) / PAGE_BYTES;
  return (
    SIGNATURE_UNITS * BigInt(requiredSignatures) +
    checked.reduce((sum, units) => sum + units, 0n) +
    WRITE_LOCK_UNITS * BigInt(writeLocks) +
    BigInt(dataBytes) / DATA_BYTES_PER_UNIT +
    used.computeUnits +
    PAGE_UNITS * pages
  );
}
