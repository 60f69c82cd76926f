import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';

const PATH = '/queues';

/**
 * `/queues`: Bull Board, which shows the jobs that wait, run or are delayed. It is read-only, because pausing or emptying the
 * queue would delay orders. The guard asks for the key, which a browser sends as a password.
 */
export async function serveQueueBoard(app: FastifyInstance, queue: Queue): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true })],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Order queue', hideRedisDetails: true } },
  });
  await app.register(serverAdapter.registerPlugin(), { prefix: PATH });
}
