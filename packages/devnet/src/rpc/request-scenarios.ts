import type { Scenario } from '../faults/scenario.ts';
import type { DevnetNode } from '../node.ts';
import type { Config, Params } from './params.ts';
import { RpcError } from './rpc-error.ts';
import { transactionParam } from './transaction-bytes.ts';

/** The scenarios of the transactions that a request is about. */
export function scenariosOf(
  { faults }: DevnetNode,
  { method, params }: { readonly method: string; readonly params: Params },
): Scenario[] {
  if (!faults.hasScenarios) return [];
  switch (method) {
    case 'sendTransaction':
    case 'simulateTransaction':
      return found(scenarioOfBytes(faults, params));
    case 'getTransaction':
      return found(faults.scenarioOfSignature(String(params[0])));
    case 'getSignatureStatuses':
      return (Array.isArray(params[0]) ? params[0] : []).flatMap((signature) =>
        found(faults.scenarioOfSignature(String(signature))),
      );
    default:
      return [];
  }
}

function scenarioOfBytes(faults: DevnetNode['faults'], [bytes, config]: Params): Scenario | undefined {
  try {
    return faults.scenarioOf(transactionParam(bytes, (config as Config | undefined)?.encoding));
  } catch (error) {
    if (error instanceof RpcError) return undefined; // The method reports the error of its parameters.
    throw error;
  }
}

const found = (scenario: Scenario | undefined): Scenario[] => (scenario === undefined ? [] : [scenario]);
