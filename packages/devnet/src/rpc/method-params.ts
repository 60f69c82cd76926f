import type { Params } from './params.ts';
import type { RpcCall } from './rpc-call.ts';
import { invalidParams, RpcError } from './rpc-error.ts';

/** How many parameters a method of Agave requires, and how many it has. */
type Count = readonly [required: number, all: number];

/** By the traits of Agave's `rpc/src/rpc.rs` and `rpc_pubsub.rs`. What is not named has one and options. */
const COUNTS: ReadonlyMap<string, Count> = new Map([
  ...named([0, 0], 'getHealth getVersion getIdentity getClusterNodes getGenesisHash getEpochSchedule'),
  ...named(
    [0, 0],
    'getFirstAvailableBlock minimumLedgerSlot slotSubscribe slotsUpdatesSubscribe rootSubscribe',
  ),
  ...named([0, 1], 'getSlot getBlockHeight getEpochInfo getLatestBlockhash getRecentPrioritizationFees'),
  ...named(
    [0, 1],
    'getSlotLeader getTransactionCount getRecentPerformanceSamples getLargestAccounts getSupply',
  ),
  ...named([1, 1], 'getBlockTime signatureUnsubscribe accountUnsubscribe programUnsubscribe logsUnsubscribe'),
  ...named([1, 1], 'blockUnsubscribe slotUnsubscribe slotsUpdatesUnsubscribe rootUnsubscribe'),
  ...named([2, 2], 'getSlotLeaders'),
  ...named([1, 3], 'getBlocks'),
  ...named([2, 3], 'getBlocksWithLimit requestAirdrop getTokenAccountsByOwner getTokenAccountsByDelegate'),
]);
const ONE_AND_OPTIONS: Count = [1, 2];

function named(count: Count, names: string): (readonly [string, Count])[] {
  return names.split(' ').map((name) => [name, count]);
}

/**
 * The parameters of a call to a method that is served, by position.
 *
 * @throws {RpcError} -32602 as jsonrpc-derive words it, where they have names or are too few or too many. Methods without
 *   parameters, with required ones only, and with options are refused in three manners.
 */
export function positionalParams({ method, params }: Pick<RpcCall, 'method' | 'params'>): Params {
  const [required, all] = COUNTS.get(method) ?? ONE_AND_OPTIONS;
  const list = Array.isArray(params) ? (params as Params) : params === null ? [] : null;
  if (all === 0) return noParams(params, list);
  if (required === all) return tuple(all, params, list);
  if (list === null) throw invalidParams('`params` should be an array');
  if (list.length < required) throw invalidParams(`\`params\` should have at least ${required} argument(s)`);
  if (list.length <= all) return list;
  const message = `Invalid parameters: Expected from ${required} to ${all} parameters.`;
  throw new RpcError('invalidParams', message, `Got: ${list.length}`);
}

function noParams(params: RpcCall['params'], list: Params | null): Params {
  if (list?.length === 0) return list;
  const details =
    list === null ? `Map(${entries(params as object)})` : `Array([${list.map(debug).join(', ')}])`;
  throw new RpcError('invalidParams', 'Invalid parameters: No parameters were expected', details);
}

function tuple(size: number, params: RpcCall['params'], list: Params | null): Params {
  const wanted = `expected a tuple of size ${size}.`;
  if (list === null) throw invalidParams(`Invalid params: invalid type: map, ${wanted}`);
  if (params === null) throw invalidParams(`Invalid params: invalid type: null, ${wanted}`);
  const got = `Invalid params: invalid length ${list.length}, `;
  if (list.length < size) throw invalidParams(got + wanted);
  if (list.length > size) throw invalidParams(`${got}expected fewer elements in array.`);
  return list;
}

/** A value as serde_json's `Debug` shows it, but for numbers with a fraction. */
function debug(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return `Array [${value.map(debug).join(', ')}]`;
  if (typeof value === 'object') return `Object ${entries(value)}`;
  if (typeof value === 'string') return `String(${JSON.stringify(value)})`;
  return typeof value === 'boolean' ? `Bool(${value})` : `Number(${value})`;
}

function entries(value: object): string {
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}: ${debug(member)}`).join(', ')}}`;
}
