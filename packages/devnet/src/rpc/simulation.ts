import { decodeBase58 } from '@oee/amm';
import type { Commitment } from '../chain/block.ts';
import type { Simulation } from '../chain/vm.ts';
import type { WireTransaction } from '../chain/wire-transaction.ts';
import type { RpcNode } from './rpc-method.ts';
import { type toInnerInstructions, toReturnData } from './transaction-encoding.ts';

export interface MeasuredSimulation extends Simulation {
  /** Bytes of loaded accounts and programs; 0 if the simulation failed before loading. */
  readonly loadedDataBytes: number;
}

const NOTHING_RAN: MeasuredSimulation = {
  error: null,
  logs: [],
  computeUnits: 0n,
  innerInstructions: () => [],
  returnData: null,
  accountsAfter: () => new Map(),
  loadedDataBytes: 0,
};

/**
 * Runs a transaction without keeping the result, on the newest accounts.
 * The blockhash must be known at the commitment; the accounts are those of `processed` at any commitment.
 */
export function simulate(
  node: RpcNode,
  transaction: WireTransaction,
  options: { verifySignatures: boolean; commitment: Commitment },
): MeasuredSimulation {
  const { verifySignatures, commitment } = options;
  const { chain } = node;
  chain.prepareSysvars([transaction]);
  if (verifySignatures) {
    const checked = chain.vm.simulate(transaction, { verifySignatures });
    if (checked.error === 'SignatureFailure') return { ...NOTHING_RAN, error: checked.error };
    const refusal = refusalOf(node, transaction, commitment);
    return refusal === null ? measured(node, transaction, checked) : { ...NOTHING_RAN, error: refusal };
  }
  const refusal = refusalOf(node, transaction, commitment);
  if (refusal !== null) return { ...NOTHING_RAN, error: refusal };
  return measured(node, transaction, chain.vm.simulate(transaction, { verifySignatures }));
}

function measured({ chain }: RpcNode, { message }: WireTransaction, simulation: Simulation) {
  const accounts = chain.executor.accountKeys(message)?.accounts ?? [];
  return { ...simulation, loadedDataBytes: chain.executor.loadedDataBytes(message, accounts) };
}

/** A copy with another blockhash; its signatures become invalid. */
export function withBlockhash(transaction: WireTransaction, blockhash: string): WireTransaction {
  const bytes = Uint8Array.from(transaction.bytes);
  const messageStart = bytes.length - transaction.message.bytes.length;
  bytes.set(decodeBase58(blockhash), messageStart + transaction.message.blockhashOffset);
  const message = { ...transaction.message, bytes: bytes.subarray(messageStart), blockhash };
  return { ...transaction, bytes, message };
}

/** The part of a simulation that both `simulateTransaction` and a failed preflight show. */
export function toSimulationJson(execution: MeasuredSimulation) {
  return {
    accounts: null,
    err: execution.error,
    innerInstructions: null as ReturnType<typeof toInnerInstructions> | null,
    loadedAccountsDataSize: execution.loadedDataBytes,
    logs: execution.logs,
    replacementBlockhash: null as { blockhash: string; lastValidBlockHeight: number } | null,
    returnData: execution.returnData && toReturnData(execution.returnData),
    unitsConsumed: execution.computeUnits,
  };
}

function refusalOf(node: RpcNode, transaction: WireTransaction, commitment: Commitment) {
  const { chain } = node;
  if (!node.view.isBlockhashValid(transaction.message.blockhash, commitment)) return 'BlockhashNotFound';
  return chain.wasExecuted(transaction) ? 'AlreadyProcessed' : null;
}
