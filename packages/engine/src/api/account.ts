import { toAccountId } from '../domain/order.ts';

/** One account until tenants exist. */
export const ACCOUNT = toAccountId('default');
