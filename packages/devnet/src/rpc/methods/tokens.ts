import { NATIVE_MINT, requireAddressBytes, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { blockTimeSeconds, type Commitment } from '../../chain/block.ts';
import {
  isTokenProgram,
  readMint,
  readTokenAccount,
  TOKEN_DELEGATE_OFFSET,
  TOKEN_MINT_OFFSET,
  TOKEN_OWNER_OFFSET,
} from '../../chain/token-account.ts';
import type { AccountState } from '../../chain/vm.ts';
import { accountFormatOf, toAccountInfo } from '../account-encoding.ts';
import { mintScale, scaleOfMint } from '../mint-scale.ts';
import { addressParam, type Config, configParam, type Params, toAddress } from '../params.ts';
import { invalidParams } from '../rpc-error.ts';
import { byAddress, type RpcMethods, type RpcNode, readConfig, withContext } from '../rpc-method.ts';
import { toTokenAmount } from '../token-amount.ts';

const LARGEST_ACCOUNTS = 20;

/** Tokens and their holders. */
export const tokenMethods: RpcMethods = {
  getTokenAccountBalance(node, params) {
    const address = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    const state = node.view.account(address, commitment);
    if (state === null) throw invalidParams('Invalid param: could not find account');
    const token = readTokenAccount(state);
    const scale = token && mintScale(node, commitment)(token.mint);
    if (token === null || scale === null) throw invalidParams('Invalid param: not a Token account');
    return withContext(node, commitment, toTokenAmount(token.amount, scale));
  },

  getTokenSupply(node, params) {
    const address = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    const state = node.view.account(address, commitment);
    if (state === null) throw invalidParams('Invalid param: could not find account');
    const mint = readMint(state);
    const scale = mintScale(node, commitment)(address);
    if (mint === null || scale === null) throw invalidParams('Invalid param: not a Token mint');
    return withContext(node, commitment, toTokenAmount(mint.supply, scale));
  },

  getTokenLargestAccounts(node, params) {
    const mint = addressParam(params, 0);
    const { commitment } = readConfig(node, params);
    const { program, scale } = requireMint(node, mint, commitment);
    const isWanted = hasAddressAt(TOKEN_MINT_OFFSET, mint);
    const largest = tokenAccounts(node, program, { commitment, isWanted })
      .filter(({ token }) => token.mint === mint)
      .sort(({ token: a }, { token: b }) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0))
      .slice(0, LARGEST_ACCOUNTS)
      .map(({ pubkey, token }) => ({ address: pubkey, ...toTokenAmount(token.amount, scale) }));
    return withContext(node, commitment, largest);
  },

  getTokenAccountsByOwner: (node, params) => listTokenAccounts(node, params, 'owner'),

  getTokenAccountsByDelegate: (node, params) => listTokenAccounts(node, params, 'delegate'),
};

function listTokenAccounts(node: RpcNode, params: Params, role: 'owner' | 'delegate') {
  const holder = addressParam(params, 0);
  const filter = configParam(params, 1);
  const { config, commitment } = readConfig(node, params, 2);
  const { program, mint } = tokenFilterOf(node, filter, commitment);
  const format = accountFormatOf(config, 'binary');
  const scaleOf = mintScale(node, commitment);
  const isHeld = hasAddressAt(role === 'owner' ? TOKEN_OWNER_OFFSET : TOKEN_DELEGATE_OFFSET, holder);
  const accounts = tokenAccounts(node, program, { commitment, isWanted: isHeld })
    .filter(({ token }) => token[role] === holder && (mint === null || token.mint === mint))
    .map(({ pubkey, state }) => ({ pubkey, account: toAccountInfo(state, format, scaleOf) }));
  return withContext(node, commitment, accounts);
}

/**
 * A token program's accounts, mints aside, in the order of their addresses.
 *
 * @param options.isWanted Leaves accounts out by their bytes, before they are sorted and parsed.
 */
function tokenAccounts(
  node: RpcNode,
  program: string,
  { commitment, isWanted }: { commitment: Commitment; isWanted: (state: AccountState) => boolean },
) {
  return node.view
    .programAccounts(program, commitment)
    .filter(([, state]) => isWanted(state))
    .sort(byAddress)
    .flatMap(([pubkey, state]) => {
      const token = readTokenAccount(state);
      return token === null ? [] : [{ pubkey, state, token }];
    });
}

function hasAddressAt(offset: number, address: string): (state: AccountState) => boolean {
  const wanted = Buffer.from(requireAddressBytes(address));
  return ({ data }) =>
    data.length >= offset + wanted.length && wanted.compare(data, offset, offset + wanted.length) === 0;
}

/**
 * The accounts that `getTokenAccountsByOwner` and `getTokenAccountsByDelegate` search: those of one mint, or of a token
 * program.
 */
function tokenFilterOf(node: RpcNode, filter: Config, commitment: Commitment) {
  if (filter.mint !== undefined) {
    const mint = toAddress(filter.mint, 'mint');
    return { mint, program: requireMint(node, mint, commitment).program };
  }
  const program = toAddress(filter.programId, 'programId');
  if (!isTokenProgram(program)) throw invalidParams('Invalid param: unrecognized Token program id');
  return { mint: null, program };
}

/** A mint's token program and scale. Wrapped SOL always has a mint, even if its account is missing. */
function requireMint(node: RpcNode, mint: string, commitment: Commitment) {
  if (mint === NATIVE_MINT) return { program: TOKEN_PROGRAM, scale: { decimals: 9, factor: null } };
  const state = node.view.account(mint, commitment);
  if (state === null) throw invalidParams('Invalid param: could not find mint');
  const { owner } = state;
  // Agave checks an account's data before it checks the owner.
  const asMint = { ...state, owner: isTokenProgram(owner) ? owner : TOKEN_2022_PROGRAM };
  const scale = scaleOfMint(asMint, blockTimeSeconds(node.view.at(commitment)));
  if (scale === null) throw invalidParams('Invalid param: Token mint could not be unpacked');
  if (!isTokenProgram(owner)) throw invalidParams('Invalid param: not a Token mint');
  return { program: owner, scale };
}
