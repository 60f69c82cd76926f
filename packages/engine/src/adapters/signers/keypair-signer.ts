import { sign } from 'node:crypto';
import { encodeBase58 } from '@oee/amm';
import { createTokenAccountAddresses } from '@oee/solana';
import { toSignature } from '../../domain/signature.ts';
import type { Mint } from '../../domain/token.ts';
import type { LookupTables } from '../../ports/lookup-tables.ts';
import type { SignedTransaction, Signer } from '../../ports/signer.ts';
import type { SwapInspector } from '../../ports/swap-inspector.ts';
import { checkPolicy } from './check-policy.ts';
import { checkReceiptPolicy } from './check-receipts.ts';
import { readSecretKey } from './ed25519-key.ts';
import { receiptSeed, secretOfKey } from './receipt-seed.ts';

export interface KeypairSignerOptions {
  /** 64 bytes: seed and public key. */
  readonly secretKey: Uint8Array;
  /** The swaps that may be signed; every other program is refused. */
  readonly inspectors: readonly SwapInspector[];
  /** Ceiling of the priority fee: compute units times their price. */
  readonly maxPriorityFeeLamports?: bigint;
  /** Secret from which the seeds of receipts are derived; absent: the key. */
  readonly executionSecret?: string | null;
  /** The signer's own reader of lookup tables; if absent, it refuses a message that uses them. */
  readonly lookupTables?: LookupTables;
}

const MAX_PRIORITY_FEE_LAMPORTS = 10_000_000n; // 0.01 SOL

/**
 * Signs with a key in memory, after checking the decoded bytes against the policy.
 *
 * @throws {InvalidSecretKey} The bytes are not a key pair.
 */
export function createKeypairSigner(options: KeypairSignerOptions): Signer {
  const { inspectors, maxPriorityFeeLamports = MAX_PRIORITY_FEE_LAMPORTS } = options;
  const { privateKey, publicKey } = readSecretKey(options.secretKey);
  const address = encodeBase58(publicKey);
  const executionSecret = options.executionSecret ?? secretOfKey(options.secretKey);
  const tokenAccountOf = createTokenAccountAddresses();
  const context = {
    address,
    inspectors,
    maxPriorityFeeLamports,
    lookupTables: options.lookupTables,
    tokenAccountOf: (token: { mint: Mint; tokenProgram: string }) =>
      tokenAccountOf({ owner: address, ...token }),
  };

  /** Checks and signs a copy, so that a caller cannot change the bytes between the two. */
  async function signChecked(
    message: Uint8Array,
    check: (copy: Uint8Array) => Promise<void>,
  ): Promise<SignedTransaction> {
    const copy = Uint8Array.from(message);
    await check(copy);
    const signature = sign(null, copy, privateKey);
    return {
      signature: toSignature(encodeBase58(signature)),
      bytes: new Uint8Array(Buffer.concat([Uint8Array.of(1), signature, copy])),
    };
  }

  return {
    address,
    sign: (message, policy) => signChecked(message, (copy) => checkPolicy(context, copy, policy)),
    receiptSeed: async (orderId) => receiptSeed(executionSecret, orderId),
    signReceipts: (message, policy) =>
      signChecked(message, (copy) => checkReceiptPolicy(context, copy, policy)),
  };
}
