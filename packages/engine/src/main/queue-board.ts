import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';

const PATH = '/queues';

/**
 * `/queues`: Bull Board, which shows the jobs that wait, run or are delayed. It is read-only, because pausing or emptying the
 * queue would delay orders. The guard asks for the key, which a browser sends as a password.
 */
export function queueBoard(queue: Queue) {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true })],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Order queue', hideRedisDetails: true } },
  });
  return { path: PATH, plugin: serverAdapter.registerPlugin() };
}
