import { createHmac } from 'node:crypto';
import type { OrderId } from '../../domain/order.ts';

const SEED_CHARACTERS = 32;

/**
 * The seed of an order's receipt: 192 bits of an HMAC-SHA256 of the order's id, in base64url. Without the secret no
 * other party can guess the seed or create the receipt first.
 */
export const receiptSeed = (secret: string, orderId: OrderId): string =>
  createHmac('sha256', secret).update(orderId).digest('base64url').slice(0, SEED_CHARACTERS);

/** A secret that every process with the wallet's key can derive, and that reveals nothing about the key. */
export const secretOfKey = (secretKey: Uint8Array): string =>
  createHmac('sha256', secretKey).update('execution secret').digest('base64url');
