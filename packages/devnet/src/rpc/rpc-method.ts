import { addressBytes } from '@oee/solana';
import type { Commitment } from '../chain/block.ts';
import type { ChainView } from '../chain/chain-view.ts';
import type { DevnetNode } from '../node.ts';
import { type Config, commitmentOf, configParam, optionalInteger, type Params } from './params.ts';
import { RpcError } from './rpc-error.ts';

/** A node in the view of one request. */
export interface RpcNode extends DevnetNode {
  readonly nodeNumber: number;
  readonly view: ChainView;
}

type RpcMethod = (node: RpcNode, params: Params) => unknown;
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** The Agave release whose answers are imitated. */
export const API_VERSION = '3.0.0';

/** A value with its context slot. */
export function withContext<T>(node: RpcNode, commitment: Commitment, value: T) {
  return { context: { apiVersion: API_VERSION, slot: node.view.told(commitment).slot }, value };
}

/** @throws {RpcError} The client requires a later slot than this node has at the commitment. */
export function requireMinContextSlot(node: RpcNode, config: Config, commitment: Commitment): void {
  const wanted = optionalInteger(config, 'minContextSlot');
  const contextSlot = node.view.told(commitment).slot;
  if (wanted !== null && wanted > contextSlot) {
    throw new RpcError('minContextSlotNotReached', 'Minimum context slot has not been reached', {
      contextSlot,
    });
  }
}

/** The options of a method that reads at a commitment. */
export function readConfig(
  node: RpcNode,
  params: Params,
  index = 1,
): { config: Config; commitment: Commitment } {
  const config = configParam(params, index);
  const commitment = commitmentOf(config);
  requireMinContextSlot(node, config, commitment);
  return { config, commitment };
}

/** The order in which a node lists accounts: by the bytes of their addresses. */
export function byAddress([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return Buffer.compare(addressBytes(a)!, addressBytes(b)!);
}
