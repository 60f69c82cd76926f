import { addressBytes } from '@oee/solana';
import { fund } from '../market/fund.ts';
import type { DevnetNode } from '../node.ts';
import { badBody, Problem } from '../problem.ts';
import { parseAdvance, parseFork, parseFunding, parseLaunch, parseMigration } from './admin-bodies.ts';
import { parseFaults, parseScenario } from './fault-bodies.ts';

const LEDGER_PAGE = 1_000;
const MAX_LEDGER_PAGE = 10_000;
const BREATH_SLOTS = 50;

interface AdminRequest {
  readonly query: URLSearchParams;
  /** The parsed body; undefined for GET and DELETE. */
  readonly body: unknown;
}

type AdminRoute = (node: DevnetNode, request: AdminRequest) => unknown;

/** The routes that only a local chain can offer, by method and path. */
export const ADMIN_ROUTES: ReadonlyMap<string, AdminRoute> = new Map<string, AdminRoute>([
  ['GET /admin/status', (node) => status(node)],
  ['GET /admin/market', ({ listing }) => listing.describe()],
  ['GET /admin/ledger', (node, { query }) => ledger(node, query)],
  ['GET /admin/faults', ({ faults }) => faults.report()],
  ['POST /admin/fund', async (node, { body }) => ({ slot: await fund(node.chain, parseFunding(body)) })],
  ['POST /admin/faults', (node, { body }) => arm(node, body)],
  ['DELETE /admin/faults', (node) => clear(node)],
  ['POST /admin/scenarios', (node, { body }) => armScenario(node, body)],
  ['POST /admin/fork', (node, { body }) => fork(node, body)],
  ['POST /admin/launch', (node, { body }) => launch(node, body)],
  ['POST /admin/migrate', (node, { body }) => migrate(node, body)],
  ['POST /admin/advance', (node, { body }) => advance(node, body)],
]);

function status(node: DevnetNode) {
  const { chain, ledger, mempool, listing } = node;
  const { tip } = chain.history;
  return {
    genesisHash: chain.genesisHash,
    slot: tip.slot,
    blockHeight: tip.height,
    confirmedSlot: chain.history.at('confirmed').slot,
    finalizedSlot: chain.history.at('finalized').slot,
    slotMs: chain.slotMs,
    chainTimeMs: tip.timeMs,
    market: listing.describe().mood,
    waitingTransactions: mempool.size,
    landedTransactions: ledger.history.size,
    firstAvailableSlot: ledger.firstAvailableSlot,
    faults: node.faults.report(),
  };
}

/** Landed transactions, oldest first, of one account or all; `offset` and `limit` page through them. */
function ledger(node: DevnetNode, query: URLSearchParams) {
  const address = query.get('address');
  if (address !== null && addressBytes(address) === null) {
    throw badBody('address must be a base58 address of 32 bytes.', 'Leave it out for all transactions.');
  }
  const offset = numberOf(query, 'offset', 0, Number.MAX_SAFE_INTEGER);
  const limit = numberOf(query, 'limit', LEDGER_PAGE, MAX_LEDGER_PAGE);
  const { history } = node.ledger;
  const entries = address === null ? [...history.all()] : history.ofAddress(address);
  return {
    total: entries.length,
    transactions: entries.slice(offset, offset + limit).map(({ signature, slot, error, blockTime }) => ({
      signature,
      slot,
      err: error,
      blockTime,
    })),
  };
}

function arm(node: DevnetNode, body: unknown) {
  node.faults.arm(parseFaults(body));
  return node.faults.report();
}

function armScenario(node: DevnetNode, body: unknown) {
  const order = parseScenario(body);
  node.faults.armScenario(order);
  return order;
}

function fork(node: DevnetNode, body: unknown) {
  const { blocks, transactions } = parseFork(body);
  const loses = () => transactions === 'lose';
  return node.producer.betweenSlots(() => {
    try {
      const signatures = node.forks.abandon(blocks, loses);
      const { slot, height } = node.chain.history.tip;
      return { slot, blockHeight: height, transactions: signatures };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw badBody(error.message, 'Let more blocks pass first, or abandon fewer.');
    }
  });
}

function launch(node: DevnetNode, body: unknown) {
  const order = parseLaunch(body);
  return node.producer.betweenSlots(() => node.launches.launch(order));
}

function migrate(node: DevnetNode, body: unknown) {
  const { pool, opensInSlots } = parseMigration(body);
  return node.producer.betweenSlots(() => node.launches.migrate(pool, opensInSlots));
}

function clear(node: DevnetNode) {
  node.faults.clear();
  return node.faults.report();
}

async function advance(node: DevnetNode, body: unknown) {
  const distance = parseAdvance(body);
  const { history } = node.chain;
  const start = { slot: node.chain.slot, height: history.tip.height };
  const isThere = () =>
    'slots' in distance
      ? node.chain.slot >= start.slot + distance.slots
      : history.tip.height >= start.height + distance.blocks;
  for (let count = 1; !isThere(); count += 1) {
    await node.producer.produceSlot();
    if (count % BREATH_SLOTS === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { slot: history.tip.slot, blockHeight: history.tip.height };
}

function numberOf(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (/^\d{1,15}$/.test(text) && Number(text) <= most) return Number(text);
  throw badBody(`${name} must be a whole number, at most ${most}.`, `Leave it out for ${fallback}.`);
}

export function unknownPath(method: string, path: string): Problem {
  return new Problem({
    status: 404,
    code: 'not_found',
    title: 'Not found',
    detail: `There is no ${method} ${path}.`,
    hint: `JSON-RPC is POST /. Besides: ${[...ADMIN_ROUTES.keys()].join(', ')}.`,
  });
}
