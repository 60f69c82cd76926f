import { accountMethods } from './methods/accounts.ts';
import { blockMethods } from './methods/blocks.ts';
import { clusterMethods } from './methods/cluster.ts';
import { tokenMethods } from './methods/tokens.ts';
import { transactionMethods } from './methods/transactions.ts';
import { validatorMethods } from './methods/validators.ts';
import { RpcError } from './rpc-error.ts';
import type { RpcMethods } from './rpc-method.ts';

/** The methods of Agave that are served, by what they are about. docs/devnet.md lists them so. */
export const SERVED = {
  validators: validatorMethods,
  cluster: clusterMethods,
  blocks: blockMethods,
  transactions: transactionMethods,
  accounts: accountMethods,
  tokens: tokenMethods,
} satisfies Record<string, RpcMethods>;

const METHODS = new Map(Object.values(SERVED).flatMap((methods) => Object.entries(methods)));

const NO_STAKE = 'this chain has no votes and no stakes';
const NO_INFLATION = 'nothing is minted or paid out on this chain';
const NO_SHREDS = 'blocks do not travel as shreds on this chain';
const ONE_LEADER = 'one node makes every block: see getSlotLeader';

/** The methods and subscriptions of Agave that are refused, and why. docs/devnet.md lists them with their reasons. */
export const REFUSED: Readonly<Record<string, string>> = {
  getBlockCommitment: NO_STAKE,
  getBlockProduction: ONE_LEADER,
  getHighestSnapshotSlot: 'no snapshot can be downloaded from this chain',
  getInflationGovernor: NO_INFLATION,
  getInflationRate: NO_INFLATION,
  getInflationReward: NO_INFLATION,
  getLeaderSchedule: ONE_LEADER,
  getMaxRetransmitSlot: NO_SHREDS,
  getMaxShredInsertSlot: NO_SHREDS,
  getStakeMinimumDelegation: NO_STAKE,
  getVoteAccounts: NO_STAKE,
  voteSubscribe: NO_STAKE,
};

/** @throws {RpcError} The method is not served; with the reason, if Agave has it. */
export function requireMethod(name: string): RpcMethods[string] {
  const method = METHODS.get(name);
  if (method !== undefined) return method;
  throw methodNotFound(name);
}

export function methodNotFound(name: string): RpcError {
  const reason = Object.hasOwn(REFUSED, name) ? `: ${REFUSED[name]}` : '';
  return new RpcError('methodNotFound', `Method not found${reason}`);
}
