import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { decodeBase58 } from '@oee/amm';
import { addressBytes, addressText, COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM } from '@oee/solana';
import { parseTransaction, type WireTransaction } from './wire-transaction.ts';

const PKCS8_ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const LEAST_UNIT_LIMIT = 1_000;

/** Lamports that the faucet holds at genesis: 5 billion SOL. */
export const FAUCET_LAMPORTS = 5_000_000_000n * 1_000_000_000n;

/** Sends SOL by ordinary signed transfers, so that an airdrop has a signature to wait for. */
export class Faucet {
  readonly address: string;
  private readonly privateKey: KeyObject;
  private readonly publicKey: Uint8Array;
  private count = 0;

  constructor(seed: string) {
    const secret = createHash('sha256').update(`faucet ${seed}`).digest();
    const der = Buffer.concat([PKCS8_ED25519_PREFIX, secret]);
    this.privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.privateKey).export({ format: 'der', type: 'spki' });
    this.publicKey = new Uint8Array(spki.subarray(-32));
    this.address = addressText(this.publicKey);
  }

  /** A signed transfer. Each has another compute unit limit, since a second equal airdrop would be a duplicate. */
  transfer(to: string, lamports: bigint, blockhash: string): WireTransaction {
    this.count += 1;
    const limit = Buffer.alloc(5, 2);
    limit.writeUInt32LE(LEAST_UNIT_LIMIT + (this.count % 1_000_000), 1);
    const transfer = Buffer.alloc(12);
    transfer.writeUInt32LE(2, 0);
    transfer.writeBigUInt64LE(lamports, 4);
    const message = Buffer.concat([
      Buffer.from([1, 0, 2, 4]),
      this.publicKey,
      addressBytes(to)!,
      addressBytes(SYSTEM_PROGRAM)!,
      addressBytes(COMPUTE_BUDGET_PROGRAM)!,
      decodeBase58(blockhash),
      Buffer.from([2]),
      Buffer.from([3, 0, limit.length]),
      limit,
      Buffer.from([2, 2, 0, 1, transfer.length]),
      transfer,
    ]);
    const signature = sign(null, message, this.privateKey);
    return parseTransaction(Uint8Array.from([1, ...signature, ...message]));
  }
}
