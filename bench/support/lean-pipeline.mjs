// A yardstick: the smallest program that takes orders by HTTP, stores five events of each, and pushes them to sockets.
// One process. It commits in groups, one transaction for all waiting changes. It quotes, signs and proves nothing, and
// a crash loses its progress.
// Settings: DATABASE_URL for PostgreSQL; without it PGlite in a temporary directory. Prints its URL.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { load } from './built.mjs';
import { untilReleased } from './servers.mjs';

const { openPostgres } = await load('adapters/postgres/open-postgres.js');
const { openPglite } = await load('adapters/postgres/pglite/pglite.js');

const SCHEMA = [
  `CREATE TABLE orders (order_id uuid PRIMARY KEY, status text NOT NULL, sequence integer NOT NULL, request json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE order_events (order_id uuid NOT NULL, sequence integer NOT NULL, type text NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(), position bigint NOT NULL, PRIMARY KEY (order_id, sequence))`,
];
/** $1 order ids, $2 sequences, $3 statuses, $4 positions, $5 requests, null but for new orders. One change per order. */
const COMMIT = `WITH c AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::bigint[], $5::json[]) AS c (id, sequence, status, position, request)
), created AS (
  INSERT INTO orders (order_id, sequence, status, request) SELECT id, sequence, status, request FROM c WHERE sequence = 1
), changed AS (
  UPDATE orders o SET status = c.status, sequence = c.sequence FROM c WHERE o.order_id = c.id AND c.sequence > 1
)
INSERT INTO order_events (order_id, sequence, type, position) SELECT id, sequence, status, position FROM c`;
const STEPS = ['routing', 'building', 'submitted', 'confirmed'];
const MOST_AT_ONCE = 1_000;

const { DATABASE_URL } = process.env;
const directory = DATABASE_URL ? undefined : mkdtempSync(join(tmpdir(), 'oee-bench-lean-'));
const embedded = directory && (await openPglite(directory));
const pool = embedded?.pool ?? openPostgres(DATABASE_URL, { poolSize: 1 });
for (const statement of SCHEMA) await pool.query(statement);

let position = 0;
let waiting = [];
let isCommitting = false;
const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8').on('data', (part) => {
    body += part;
  });
  incoming.on('end', async () => {
    const orderId = randomUUID();
    const { tokenIn, tokenOut, amountIn } = JSON.parse(body);
    const request = JSON.stringify({ tokenIn, tokenOut, amountIn });
    await commit({ orderId, sequence: 1, status: 'pending', request });
    const answer = JSON.stringify({ orderId, status: 'pending' });
    response.writeHead(201, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
    for (const [index, status] of STEPS.entries()) await commit({ orderId, sequence: index + 2, status });
  });
});
const sockets = new WebSocketServer({ server, path: '/api/stream', perMessageDeflate: false });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${server.address().port}`);

untilReleased(async () => {
  sockets.close();
  server.close();
  await (embedded ?? { close: () => pool.end() }).close();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

/** Resolves once the change is committed and published. Changes that arrive during a commit share the next one. */
function commit(change) {
  return new Promise((resolve) => {
    waiting.push({ ...change, resolve });
    if (isCommitting) return;
    isCommitting = true;
    setImmediate(commitGroups);
  });
}

async function commitGroups() {
  while (waiting.length > 0) {
    const group = waiting.slice(0, MOST_AT_ONCE);
    waiting = waiting.slice(MOST_AT_ONCE);
    for (const change of group) {
      position += 1;
      change.position = position;
    }
    const columns = ['orderId', 'sequence', 'status', 'position', 'request'];
    const values = columns.map((column) => group.map((change) => change[column] ?? null));
    await pool.query({ name: 'commit', text: COMMIT, values });
    tell(group);
    for (const { resolve } of group) resolve();
  }
  isCommitting = false;
}

function tell(group) {
  for (const socket of sockets.clients) {
    socket._socket.cork();
    for (const { orderId, sequence, status, position: place } of group)
      socket.send(
        `{"type":"order.${status}","orderId":"${orderId}","sequence":${sequence},"position":${place}}`,
      );
    socket._socket.uncork();
  }
}
