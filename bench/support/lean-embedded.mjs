// A yardstick: the lean pipeline over PGlite, which runs on this process's only thread. It takes orders by HTTP, commits five
// events of each in groups, and pushes them to sockets. It routes, signs and proves nothing, and a crash loses its queue.
// Prints its URL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './built.mjs';
import { createStepper, createSubmitter, execute, LEAN_SCHEMA, require, serveLean } from './lean-parts.mjs';
import { untilReleased } from './servers.mjs';

const { templatePath } = await load('adapters/postgres/pglite/pglite.js');
const { unpackTemplate } = await load('adapters/postgres/pglite/unpack-template.js');
const { PGlite } = await import(require.resolve('@electric-sql/pglite'));
const MOST_EXECUTED_AT_ONCE = 200;

const directory = mkdtempSync(join(tmpdir(), 'oee-bench-lean-'));
const dataDirectory = join(directory, 'pgdata');
unpackTemplate(templatePath(), dataDirectory); // Faster than initdb.
const database = await PGlite.create(dataDirectory);
await database.exec(LEAN_SCHEMA);
const run = (_name, statement, values) => database.query(statement, values);

const step = createStepper(run, 1, (events) => served.tell(events));
let queue = [];
let executing = 0;
const submit = createSubmitter(run, 1, (orders) => {
  served.tell(orders.map(({ orderId }) => ({ orderId, sequence: 0, status: 'pending' })));
  queue = queue.concat(orders);
  executeNext();
});
const served = await serveLean(submit);
console.log(served.url);

untilReleased(async () => {
  await served.close();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

function executeNext() {
  const next = queue.slice(0, MOST_EXECUTED_AT_ONCE - executing);
  queue = queue.slice(next.length);
  executing += next.length;
  for (const order of next)
    step({ orderId: order.orderId, sequence: 1, status: 'routing' })
      .then(() => execute(order, step))
      .finally(() => {
        executing -= 1;
        executeNext();
      });
}
