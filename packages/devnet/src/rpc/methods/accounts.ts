import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../chain/addresses.ts';
import type { Commitment } from '../../chain/block.ts';
import { isTokenProgram, readMint, readTokenAccount } from '../../chain/token-account.ts';
import type { AccountState } from '../../chain/vm.ts';
import { accountFormatOf, toAccountInfo } from '../account-encoding.ts';
import { toAccountFilters } from '../account-filters.ts';
import { mintDecimals } from '../mint-decimals.ts';
import {
  addressParam,
  type Config,
  commitmentOf,
  configParam,
  integerParam,
  listParam,
  type Params,
  toAddress,
} from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { type RpcMethods, type RpcNode, requireMinContextSlot, withContext } from '../rpc-method.ts';
import { toTokenAmount } from '../token-amount.ts';

const MAX_MULTIPLE_ACCOUNTS = 100;

/** Accounts and tokens. */
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
    const decimalsOf = mintDecimals(node, commitment);
    return withContext(node, commitment, state && toAccountInfo(state, format, decimalsOf));
  },

  getMultipleAccounts(node, params) {
    const list = listParam(params, 0, MAX_MULTIPLE_ACCOUNTS);
    const addresses = list.map((value) => toAddress(value, 'address'));
    const { config, commitment } = readConfig(node, params);
    const format = accountFormatOf(config, 'base64');
    const decimalsOf = mintDecimals(node, commitment);
    const accounts = addresses.map((address) => {
      const state = node.view.account(address, commitment);
      return state && toAccountInfo(state, format, decimalsOf);
    });
    return withContext(node, commitment, accounts);
  },

  getProgramAccounts(node, params) {
    const program = addressParam(params, 0);
    const { config, commitment } = readConfig(node, params);
    const filters = toAccountFilters(config.filters);
    const format = accountFormatOf(config, 'binary');
    const decimalsOf = mintDecimals(node, commitment);
    const accounts = node.view
      .programAccounts(program, commitment)
      .filter(([, state]) => filters.every((passes) => passes(state)))
      .map(([pubkey, state]) => ({ pubkey, account: toAccountInfo(state, format, decimalsOf) }));
    return config.withContext === true ? withContext(node, commitment, accounts) : accounts;
  },

  getMinimumBalanceForRentExemption: (node, params) =>
    node.chain.vm.minimumBalance(BigInt(integerParam(params[0], 'size'))),

  getTokenAccountBalance(node, params) {
    const address = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    const state = node.view.account(address, commitment);
    if (state === null) throw invalidParams('Invalid param: could not find account');
    const token = readTokenAccount(state);
    const decimals = token && mintDecimals(node, commitment)(token.mint);
    if (token === null || decimals === null) throw invalidParams('Invalid param: not a Token account');
    return withContext(node, commitment, toTokenAmount(token.amount, decimals));
  },

  getTokenSupply(node, params) {
    const address = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    const state = node.view.account(address, commitment);
    if (state === null) throw invalidParams('Invalid param: could not find account');
    const mint = readMint(state);
    if (mint === null) throw invalidParams('Invalid param: not a Token mint');
    return withContext(node, commitment, toTokenAmount(mint.supply, mint.decimals));
  },

  getTokenAccountsByOwner(node, params) {
    const owner = addressParam(params, 0);
    const passes = tokenFilterOf(configParam(params, 1));
    const { config, commitment } = readConfig(node, params, 2);
    const format = accountFormatOf(config, 'binary');
    const decimalsOf = mintDecimals(node, commitment);
    const accounts = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM]
      .flatMap((program) => node.view.programAccounts(program, commitment))
      .filter(([, state]) => readTokenAccount(state)?.owner === owner && passes(state))
      .map(([pubkey, state]) => ({ pubkey, account: toAccountInfo(state, format, decimalsOf) }));
    return withContext(node, commitment, accounts);
  },
};

function readConfig(node: RpcNode, params: Params, index = 1): { config: Config; commitment: Commitment } {
  const config = configParam(params, index);
  const commitment = commitmentOf(config);
  requireMinContextSlot(node, config, commitment);
  return { config, commitment };
}

function tokenFilterOf(filter: Config): (state: AccountState) => boolean {
  if (filter.mint !== undefined) {
    const mint = toAddress(filter.mint, 'mint');
    return (state) => readTokenAccount(state)?.mint === mint;
  }
  const program = toAddress(filter.programId, 'programId');
  if (!isTokenProgram(program)) throw invalidParams('Invalid param: unrecognized Token program id');
  return (state) => state.owner === program;
}
