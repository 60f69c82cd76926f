import type { OrderStatus } from '../../src/domain/order-status.ts';

const ENDS: readonly OrderStatus[] = ['confirmed', 'failed', 'canceled', 'expired'];

/** Whether an order is over, by the promise that users are given and not by the table that the engine goes by. */
export const isEnd = (status: OrderStatus): boolean => ENDS.includes(status);
