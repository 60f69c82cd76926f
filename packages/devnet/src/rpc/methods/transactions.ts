import { describeError } from '../../chain/transaction-error.ts';
import type { Simulation } from '../../chain/vm.ts';
import type { WireTransaction } from '../../chain/wire-transaction.ts';
import { accountFormatOf, toAccountInfo } from '../account-encoding.ts';
import { memoOf } from '../memo.ts';
import { mintScale } from '../mint-scale.ts';
import {
  addressParam,
  type Config,
  commitmentAboveProcessed,
  commitmentOf,
  configParam,
  encodingConfigParam,
  integerParam,
  listParam,
  optionalInteger,
  signatureParam,
  toAddress,
  toCommitment,
} from '../params.ts';
import { invalidParams, RpcError } from '../rpc-error.ts';
import { type RpcMethods, type RpcNode, requireMinContextSlot, withContext } from '../rpc-method.ts';
import { signatureStatus } from '../signature-status.ts';
import { simulate, toSimulationJson, withBlockhash } from '../simulation.ts';
import { transactionParam } from '../transaction-bytes.ts';
import { supportedVersion, toInnerInstructions, transactionEncodingOf } from '../transaction-encoding.ts';

const MAX_STATUSES = 256;
const MAX_SIGNATURES = 1_000;

/** Sending transactions and reading their outcomes. */
export const transactionMethods: RpcMethods = {
  sendTransaction(node, params) {
    const config = configParam(params, 1);
    const transaction = transactionParam(params[0], config.encoding);
    if (config.skipPreflight !== true) preflight(node, transaction, config);
    requireRoom(node, node.delivery.send(transaction));
    return transaction.signature;
  },

  simulateTransaction(node, params) {
    const config = configParam(params, 1);
    const commitment = commitmentOf(config);
    requireMinContextSlot(node, config, commitment);
    const verifySignatures = config.sigVerify === true;
    const isReplaced = config.replaceRecentBlockhash === true;
    if (verifySignatures && isReplaced) {
      throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
    }
    const sent = transactionParam(params[0], config.encoding);
    const { blockhash } = node.view.at(commitment);
    const transaction = isReplaced ? withBlockhash(sent, blockhash) : sent;
    const simulation = simulate(node, transaction, { verifySignatures, commitment });
    if (simulation.error === 'SignatureFailure') throw signatureFailure();
    const lastValidBlockHeight = node.chain.history.lastValidBlockHeight(blockhash) ?? 0;
    return withContext(node, 'processed', {
      ...toSimulationJson(simulation),
      accounts: accountsAfter(node, simulation, transaction, config),
      innerInstructions:
        config.innerInstructions === true ? toInnerInstructions(simulation.innerInstructions()) : null,
      replacementBlockhash: isReplaced ? { blockhash, lastValidBlockHeight } : null,
    });
  },

  getSignatureStatuses(node, params) {
    const signatures = listParam(params, 0, MAX_STATUSES).map(signatureParam);
    const searchHistory = configParam(params, 1).searchTransactionHistory === true;
    const statuses = signatures.map((signature) => signatureStatus(node.view, signature, { searchHistory }));
    return withContext(node, 'processed', statuses);
  },

  getSignaturesForAddress(node, params) {
    const address = addressParam(params, 0);
    const config = configParam(params, 1);
    const commitment = commitmentAboveProcessed(config);
    requireMinContextSlot(node, config, commitment);
    const limit = optionalInteger(config, 'limit') ?? MAX_SIGNATURES;
    if (limit === 0 || limit > MAX_SIGNATURES) throw invalidParams(`Invalid limit; max ${MAX_SIGNATURES}`);
    return between(node.view.ofAddress(address, commitment), config)
      .slice(0, limit)
      .map((entry) => ({
        signature: entry.signature,
        slot: entry.slot,
        err: entry.error,
        memo: memoOf(node.ledger.read(entry).bytes),
        blockTime: entry.blockTime,
        confirmationStatus: node.view.commitmentOf(entry.slot),
      }));
  },

  getTransaction(node, params) {
    const signature = signatureParam(params[0]);
    const config = encodingConfigParam(params, 1);
    const encoding = transactionEncodingOf(config);
    const commitment = commitmentAboveProcessed(config);
    const entry = node.view.find(signature, commitment);
    if (entry === undefined) return null;
    const read = () => node.ledger.read(entry);
    const { version, transaction, meta } = node.encodedTransactions.encode(entry, encoding, read);
    return {
      slot: entry.slot,
      blockTime: entry.blockTime,
      ...supportedVersion(version, optionalInteger(config, 'maxSupportedTransactionVersion')),
      transaction,
      meta,
    };
  },

  requestAirdrop(node, params) {
    const address = addressParam(params, 0);
    const lamports = integerParam(params[1], 'lamports');
    const config = configParam(params, 2);
    const { blockhash } = node.view.at(commitmentOf(config, 'confirmed'));
    const transaction = node.faucet.transfer(address, BigInt(lamports), blockhash);
    requireRoom(node, node.mempool.add(transaction));
    return transaction.signature;
  },
};

function requireRoom(node: RpcNode, isTaken: boolean): void {
  if (isTaken) return;
  throw new RpcError('nodeUnhealthy', 'Node is behind: too many transactions wait for a block', {
    waiting: node.mempool.size,
  });
}

/** @throws {RpcError} The transaction would fail now. */
function preflight(node: RpcNode, transaction: WireTransaction, config: Config): void {
  const commitment = toCommitment(config.preflightCommitment, 'finalized');
  requireMinContextSlot(node, config, commitment);
  const simulation = simulate(node, transaction, { verifySignatures: true, commitment });
  if (simulation.error === null) return;
  if (simulation.error === 'SignatureFailure') throw signatureFailure();
  throw new RpcError(
    'preflightFailure',
    `Transaction simulation failed: ${describeError(simulation.error)}`,
    toSimulationJson(simulation),
  );
}

function signatureFailure(): RpcError {
  return new RpcError('signatureVerificationFailure', 'Transaction signature verification failure');
}

/** The requested accounts after the simulation. */
function accountsAfter(node: RpcNode, simulation: Simulation, transaction: WireTransaction, config: Config) {
  if (config.accounts === undefined || config.accounts === null) return null;
  const wanted = config.accounts as Config;
  if (wanted.encoding === 'base58' || wanted.encoding === 'binary')
    throw invalidParams('base58 encoding not supported');
  const addresses = listParam([wanted.addresses], 0, MAX_SIGNATURES);
  const names = node.chain.executor.accountKeys(transaction.message)?.accounts ?? [];
  if (addresses.length > names.length) {
    throw invalidParams(`Too many accounts provided; max ${names.length}`);
  }
  const format = accountFormatOf(wanted, 'base64');
  const states = simulation.accountsAfter();
  return addresses.map((value) => {
    const address = toAddress(value, 'address');
    if (simulation.error !== null) return null;
    const state = states.get(address) ?? node.chain.accounts.read(address);
    return state && toAccountInfo(state, format, mintScale(node, 'processed'));
  });
}

function between<T extends { readonly signature: string }>(newestFirst: T[], config: Config): T[] {
  let found = newestFirst;
  if (config.before !== undefined && config.before !== null) {
    const before = signatureParam(config.before);
    const index = found.findIndex(({ signature }) => signature === before);
    found = index === -1 ? [] : found.slice(index + 1);
  }
  if (config.until !== undefined && config.until !== null) {
    const until = signatureParam(config.until);
    const index = found.findIndex(({ signature }) => signature === until);
    if (index !== -1) found = found.slice(0, index);
  }
  return found;
}
