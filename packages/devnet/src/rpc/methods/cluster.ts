import { BLOCKHASH_LIFETIME_BLOCKS } from '../../chain/block-history.ts';
import { MalformedBytes } from '../../chain/byte-reader.ts';
import { feeOf } from '../../chain/fees.ts';
import { SLOTS_PER_EPOCH } from '../../chain/slot-schedule.ts';
import { parseMessage } from '../../chain/wire-transaction.ts';
import { listParam, toAddress } from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { type RpcMethods, readConfig, withContext } from '../rpc-method.ts';

const MAX_FEE_ACCOUNTS = 128;

/** Clocks, blockhashes and fees. */
export const clusterMethods: RpcMethods = {
  getGenesisHash: (node) => node.chain.genesisHash,

  getSlot(node, params) {
    const { commitment } = readConfig(node, params, 0);
    return node.view.told(commitment).slot;
  },

  getBlockHeight(node, params) {
    const { commitment } = readConfig(node, params, 0);
    return node.view.told(commitment).height;
  },

  getEpochInfo(node, params) {
    const { commitment } = readConfig(node, params, 0);
    const { slot, height } = node.view.told(commitment);
    return {
      absoluteSlot: slot,
      blockHeight: height,
      epoch: Math.floor(slot / SLOTS_PER_EPOCH),
      slotIndex: slot % SLOTS_PER_EPOCH,
      slotsInEpoch: SLOTS_PER_EPOCH,
      transactionCount: node.view.at(commitment).transactionCount,
    };
  },

  getEpochSchedule: () => ({
    slotsPerEpoch: SLOTS_PER_EPOCH,
    leaderScheduleSlotOffset: SLOTS_PER_EPOCH,
    warmup: false,
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
  }),

  getLatestBlockhash(node, params) {
    const { commitment } = readConfig(node, params, 0);
    const { blockhash, height } = node.view.told(commitment);
    const lastValidBlockHeight = height + BLOCKHASH_LIFETIME_BLOCKS;
    return withContext(node, commitment, { blockhash, lastValidBlockHeight });
  },

  isBlockhashValid(node, params) {
    const { commitment } = readConfig(node, params);
    const blockhash = toAddress(params[0], 'blockhash'); // A hash has the form of an address.
    return withContext(node, commitment, node.view.isBlockhashValid(blockhash, commitment));
  },

  getFeeForMessage(node, params) {
    const { commitment } = readConfig(node, params);
    const message = readMessage(params[0]);
    const isValid = node.view.isBlockhashValid(message.blockhash, commitment);
    return withContext(node, commitment, isValid ? feeOf(message) : null);
  },

  getRecentPrioritizationFees(node, params) {
    const list = params[0] === undefined ? [] : listParam(params, 0, MAX_FEE_ACCOUNTS);
    return node.prioritizationFees.recent(list.map((value) => toAddress(value, 'account')));
  },
};

function readMessage(value: unknown) {
  if (typeof value !== 'string') throw invalidParams('Invalid params: the message must be base64 text.');
  try {
    return parseMessage(Buffer.from(value, 'base64'));
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw invalidParams(`failed to deserialize solana_message::versions::VersionedMessage: ${error.message}`);
  }
}
