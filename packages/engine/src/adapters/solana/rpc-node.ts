import { encodeBase58 } from '@oee/amm';
import { toBlockHeight } from '../../domain/block-height.ts';
import { type Signature, toSignature } from '../../domain/signature.ts';
import type { ChainNode, ListedTransaction, SignatureStatus, Simulation } from '../../ports/chain.ts';
import { MalformedAnswer, toBytes, toFields, toHash, toList, toText, toU64 } from './exact-json.ts';
import { readHoldings } from './holdings.ts';
import { toLandedTransaction } from './landed-transaction.ts';
import type { Rpc } from './rpc.ts';
import { createErrorReader, type ErrorReader } from './transaction-error.ts';

const COMMITMENTS = ['processed', 'confirmed', 'finalized'] as const;
const SIGNATURE_BYTES = 64;
// The most that a node lists at once.
const MAX_LISTED = 1_000;

/**
 * The chain as one RPC node shows it. Every error of the connection or of the node is `ChainUnavailable`, never an
 * answer.
 *
 * @param readError Knows what the programs mean by their codes.
 */
export function toChainNode(rpc: Rpc, readError: ErrorReader = createErrorReader()): ChainNode {
  return {
    name: rpc.name,
    identify: () => rpc.identify(),
    latestBlockhash: () => rpc.call('getLatestBlockhash', [{ commitment: 'confirmed' }], toBlockhash),
    simulate: (message) =>
      rpc.call('simulateTransaction', [unsigned(message), SIMULATE_OPTIONS], (result) =>
        toSimulation(withContext(result).value, readError),
      ),
    send: (bytes) => rpc.tell('sendTransaction', [toBase64(bytes), SEND_OPTIONS]),
    signatureStatuses: (signatures, { searchHistory }) =>
      rpc.call(
        'getSignatureStatuses',
        [signatures, { searchTransactionHistory: searchHistory }],
        (result) => {
          const { slot, value } = withContext(result);
          const statuses = toList(value).map((status) => toSignatureStatus(status, readError));
          if (statuses.length !== signatures.length) throw new MalformedAnswer('one status per signature');
          return { contextSlot: slot, statuses };
        },
      ),
    finalizedEpoch: () => rpc.call('getEpochInfo', [{ commitment: 'finalized' }], toEpoch),
    firstAvailableSlot: () => rpc.call('getFirstAvailableBlock', [], toU64),
    holdings: (owner) => readHoldings(rpc, owner),
    finalizedLamports: (addresses) =>
      rpc.call('getMultipleAccounts', [addresses, LAMPORTS_ONLY], (result) => {
        const { slot, value } = withContext(result);
        const lamports = toList(value).map((one) => (one === null ? 0n : toU64(toFields(one).lamports)));
        if (lamports.length !== addresses.length) throw new MalformedAnswer('one account per address');
        return { contextSlot: slot, lamports };
      }),
    transaction: (signature, commitment) =>
      rpc.call(
        'getTransaction',
        [signature, { commitment, encoding: 'json', maxSupportedTransactionVersion: 0 }],
        (result) => (result === null ? null : askedFor(signature, toLandedTransaction(result, readError))),
      ),
    transactionBytes: (signature) =>
      rpc.call('getTransaction', [signature, BYTES_OPTIONS], (result) =>
        result === null ? null : toTransactionBytes(signature, result),
      ),
    transactionsOf: (address, { before, minSlot }) =>
      rpc.call(
        'getSignaturesForAddress',
        [
          address,
          {
            commitment: 'finalized',
            limit: MAX_LISTED,
            minContextSlot: Number(minSlot),
            ...(before && { before }),
          },
        ],
        (result) => toList(result).map(toListedTransaction),
      ),
  };
}

// No preflight and no retries by the node: the engine sends the same bytes again.
const SEND_OPTIONS = { encoding: 'base64', skipPreflight: true, maxRetries: 0 };

const SIMULATE_OPTIONS = {
  encoding: 'base64',
  sigVerify: false,
  replaceRecentBlockhash: true,
  commitment: 'processed',
};

const LAMPORTS_ONLY = {
  commitment: 'finalized',
  encoding: 'base64',
  dataSlice: { offset: 0, length: 0 },
};

const BYTES_OPTIONS = { commitment: 'finalized', encoding: 'base64', maxSupportedTransactionVersion: 0 };

/** @throws {MalformedAnswer} The node shows another transaction than the requested one. */
function askedFor<T extends { readonly signature: Signature }>(signature: Signature, shown: T): T {
  if (shown.signature !== signature) throw new MalformedAnswer(`transaction ${signature}`);
  return shown;
}

function toBlockhash(result: unknown) {
  const { slot, value } = withContext(result);
  const { blockhash, lastValidBlockHeight } = toFields(value);
  return {
    blockhash: toHash(blockhash),
    lastValidBlockHeight: toBlockHeight(toU64(lastValidBlockHeight)),
    slot,
  };
}

function toEpoch(result: unknown) {
  const { blockHeight, absoluteSlot } = toFields(result);
  return { blockHeight: toBlockHeight(toU64(blockHeight)), absoluteSlot: toU64(absoluteSlot) };
}

/** @throws {MalformedAnswer} They are the bytes of another transaction. */
function toTransactionBytes(signature: Signature, result: unknown): Uint8Array {
  const bytes = toBytes(toList(toFields(result).transaction)[0]);
  // A count of one byte, then the signatures: the first one identifies the transaction.
  askedFor(signature, { signature: toSignature(encodeBase58(bytes.subarray(1, 1 + SIGNATURE_BYTES))) });
  return bytes;
}

function toSimulation(value: unknown, readError: ErrorReader): Simulation {
  const fields = toFields(value);
  const error = fields.err ?? null;
  if (error === null) return { outcome: 'succeeded', computeUnits: Number(toU64(fields.unitsConsumed)) };
  // The node was asked to insert a recent blockhash and has none: it is behind, and nothing is wrong with the swap.
  if (error === 'BlockhashNotFound') throw new MalformedAnswer('a rehearsal with a blockhash of the node');
  const logs = Array.isArray(fields.logs) ? fields.logs.map(String) : [];
  return { outcome: 'failed', error: readError(error, { logs }) };
}

function toSignatureStatus(value: unknown, readError: ErrorReader): SignatureStatus | null {
  if (value === null) return null;
  const fields = toFields(value);
  const commitment = COMMITMENTS.find((level) => level === fields.confirmationStatus);
  if (!commitment) throw new MalformedAnswer('a known confirmation status');
  const error = fields.err ?? null;
  return { slot: toU64(fields.slot), commitment, error: error === null ? null : readError(error) };
}

function toListedTransaction(value: unknown): ListedTransaction {
  const { signature, slot, err, memo } = toFields(value);
  return {
    signature: toSignature(toText(signature)),
    slot: toU64(slot),
    failed: (err ?? null) !== null,
    memo: memo === null || memo === undefined ? null : toText(memo),
  };
}

function withContext(result: unknown): { slot: bigint; value: unknown } {
  const fields = toFields(result);
  return { slot: toU64(toFields(fields.context).slot), value: fields.value };
}

/** A transaction of one signer whose signature is still all zeros. */
function unsigned(message: Uint8Array): string {
  const bytes = new Uint8Array(1 + SIGNATURE_BYTES + message.length);
  bytes[0] = 1;
  bytes.set(message, 1 + SIGNATURE_BYTES);
  return toBase64(bytes);
}

const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
