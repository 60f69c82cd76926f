// A yardstick: the usual design of the same journey. One BullMQ queue per status, one UPDATE per step, one message per
// step to the sockets, for each of the six statuses that the engine's log has too. It routes, signs and checks nothing,
// survives no crash and has no sequence numbers, so it does less work. Settings: ROLE, DATABASE_URL, REDIS_URL.
import { createRequire } from 'node:module';
import { untilReleased } from './servers.mjs';

const require = createRequire(new URL('../../packages/engine/package.json', import.meta.url));
const { Queue, Worker } = require('bullmq');
const { default: websocket } = await import(require.resolve('@fastify/websocket'));
const { fastify } = require('fastify');
const { Redis } = require('ioredis');
const pg = require('pg');

const { ROLE: role, DATABASE_URL, REDIS_URL } = process.env;
const STEPS = ['pending', 'routing', 'building', 'submitted', 'confirmed', 'finalized'];
const CHANNEL = 'updates';
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const queues = new Map(
  STEPS.map((status) => [
    status,
    new Queue(status, { connection: redis, defaultJobOptions: { removeOnComplete: true } }),
  ]),
);

if (role === 'worker') {
  const workers = STEPS.map((status, index) => {
    const following = STEPS[index + 1];
    const advance = async ({ data: { orderId } }) => {
      await pool.query('UPDATE orders SET status = $2, updated_at = now() WHERE order_id = $1', [
        orderId,
        status,
      ]);
      await redis.publish(CHANNEL, JSON.stringify({ orderId, status, timestamp: new Date().toISOString() }));
      if (following) await queues.get(following).add(following, { orderId });
    };
    return new Worker(status, advance, { connection: redis.duplicate(), concurrency: 64 });
  });
  console.log('ready');
  untilReleased(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await pool.end();
  });
} else {
  const app = fastify();
  await app.register(websocket, { options: { perMessageDeflate: false } });
  const sockets = new Set();
  const subscriber = redis.duplicate();
  await subscriber.subscribe(CHANNEL);
  subscriber.on('message', (_channel, update) => {
    for (const socket of sockets) socket.send(update);
  });
  app.post('/api/orders', async (request, reply) => {
    const orderId = crypto.randomUUID();
    const { tokenIn, tokenOut, amountIn } = request.body;
    await pool.query(
      'INSERT INTO orders (order_id, status, token_in, token_out, amount_in) VALUES ($1, $2, $3, $4, $5)',
      [orderId, 'received', tokenIn, tokenOut, amountIn],
    );
    await queues.get('pending').add('pending', { orderId });
    reply.code(201);
    return { orderId, status: 'pending' };
  });
  app.get('/api/stream', { websocket: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.send('{"type":"stream.opened"}');
  });
  console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
  untilReleased(async () => {
    await app.close();
    await pool.end();
  });
}
