import { accountFormatOf, toAccountInfo } from '../account-encoding.ts';
import { toAccountFilters } from '../account-filters.ts';
import { mintScale } from '../mint-scale.ts';
import { addressParam, integerParam, listParam, toAddress } from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { byAddress, type RpcMethods, readConfig, withContext } from '../rpc-method.ts';

const MAX_MULTIPLE_ACCOUNTS = 100;
const LARGEST_ACCOUNTS = 20;

/** Accounts, and the lamports in them. */
export const accountMethods: RpcMethods = {
  getBalance(node, params) {
    const address = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    return withContext(node, commitment, node.view.account(address, commitment)?.lamports ?? 0n);
  },

  getAccountInfo(node, params) {
    const address = addressParam(params, 0);
    const { config, commitment } = readConfig(node, params);
    const format = accountFormatOf(config, 'binary');
    const state = node.view.account(address, commitment);
    const scaleOf = mintScale(node, commitment);
    return withContext(node, commitment, state && toAccountInfo(state, format, scaleOf));
  },

  getMultipleAccounts(node, params) {
    const list = listParam(params, 0, MAX_MULTIPLE_ACCOUNTS);
    const addresses = list.map((value) => toAddress(value, 'address'));
    const { config, commitment } = readConfig(node, params);
    const format = accountFormatOf(config, 'base64');
    const scaleOf = mintScale(node, commitment);
    const accounts = addresses.map((address) => {
      const state = node.view.account(address, commitment);
      return state && toAccountInfo(state, format, scaleOf);
    });
    return withContext(node, commitment, accounts);
  },

  getProgramAccounts(node, params) {
    const program = addressParam(params, 0);
    const { config, commitment } = readConfig(node, params);
    const filters = toAccountFilters(config.filters);
    const format = accountFormatOf(config, 'binary');
    const scaleOf = mintScale(node, commitment);
    const accounts = node.view
      .programAccounts(program, commitment)
      .filter(([, state]) => filters.every((passes) => passes(state)))
      .sort(byAddress)
      .map(([pubkey, state]) => ({ pubkey, account: toAccountInfo(state, format, scaleOf) }));
    return config.withContext === true ? withContext(node, commitment, accounts) : accounts;
  },

  getLargestAccounts(node, params) {
    const { config, commitment } = readConfig(node, params, 0);
    const { filter = null } = config;
    if (filter !== null && filter !== 'circulating' && filter !== 'nonCirculating') {
      throw invalidParams(
        `Invalid params: unknown variant \`${String(filter)}\`, expected one of circulating, nonCirculating.`,
      );
    }
    if (filter === 'nonCirculating') return withContext(node, commitment, []);
    const largest = [...node.view.balances(commitment)]
      .sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
      .slice(0, LARGEST_ACCOUNTS)
      .map(([address, lamports]) => ({ address, lamports }));
    return withContext(node, commitment, largest);
  },

  getSupply(node, params) {
    const { commitment } = readConfig(node, params, 0);
    let total = 0n;
    for (const lamports of node.view.balances(commitment).values()) total += lamports;
    return withContext(node, commitment, {
      total,
      circulating: total,
      nonCirculating: 0,
      nonCirculatingAccounts: [],
    });
  },

  getMinimumBalanceForRentExemption: (node, params) =>
    node.chain.vm.minimumBalance(BigInt(integerParam(params[0], 'size'))),
};
