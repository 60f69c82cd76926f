import type { FastifyReply } from 'fastify';
import type { Order } from '../domain/order.ts';

/** Gives the answer the order's version, the sequence of its last event, which a client may send back as If-Match. */
export function tagOrder(reply: FastifyReply, order: Order): Order {
  reply.header('etag', `"${order.sequence}"`);
  return order;
}
