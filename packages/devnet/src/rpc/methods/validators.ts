import { SLOTS_PER_EPOCH } from '../../chain/slot-schedule.ts';
import { NODE_COUNT } from '../../faults/faults.ts';
import { integerParam } from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { API_VERSION, type RpcMethods, type RpcNode, readConfig } from '../rpc-method.ts';

const FEATURE_SET = 3_640_012_085;
const MAX_SLOT_LEADERS = 5_000;
/** The node that produces all blocks. */
const LEADER = 1;

/** The answer of `getVersion`, over HTTP and WebSocket. */
export const VERSION_ANSWER = { 'solana-core': API_VERSION, 'feature-set': FEATURE_SET };

/** The nodes, and which of them is the leader. */
export const validatorMethods: RpcMethods = {
  getHealth: () => 'ok',

  getVersion: () => VERSION_ANSWER,

  getIdentity: (node) => ({ identity: node.contacts.identityOf(node.nodeNumber) }),

  getSlotLeader(node, params) {
    readConfig(node, params, 0);
    return node.contacts.identityOf(LEADER);
  },

  getSlotLeaders(node, params) {
    const first = integerParam(params[0], 'start_slot');
    const limit = integerParam(params[1], 'limit');
    if (limit > MAX_SLOT_LEADERS) throw invalidParams(`Invalid limit; max ${MAX_SLOT_LEADERS}`);
    requireSchedule(node, first, limit);
    return Array.from({ length: limit }, () => node.contacts.identityOf(LEADER));
  },

  getClusterNodes: (node) => Array.from({ length: NODE_COUNT }, (_, index) => contactInfo(node, index + 1)),
};

/** @throws {RpcError} Leaders are known only up to the end of the next epoch. */
function requireSchedule({ chain }: RpcNode, first: number, limit: number): void {
  const lastEpoch = Math.floor((first + Math.max(limit, 1) - 1) / SLOTS_PER_EPOCH);
  if (lastEpoch <= Math.floor(chain.slot / SLOTS_PER_EPOCH) + 1) return;
  throw invalidParams(`Invalid slot range: leader schedule for epoch ${lastEpoch} is unavailable`);
}

/** The nodes speak JSON-RPC and WebSocket, and none of the protocols among validators. */
function contactInfo({ contacts }: RpcNode, nodeNumber: number) {
  const address = contacts.addressOf(nodeNumber);
  return {
    pubkey: contacts.identityOf(nodeNumber),
    gossip: null,
    tvu: null,
    tpu: null,
    tpuQuic: null,
    tpuForwards: null,
    tpuForwardsQuic: null,
    tpuVote: null,
    serveRepair: null,
    rpc: address,
    pubsub: address,
    version: API_VERSION,
    featureSet: FEATURE_SET,
    shredVersion: null,
  };
}
