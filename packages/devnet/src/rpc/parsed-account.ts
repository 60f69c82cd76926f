import { TOKEN_2022_PROGRAM } from '../chain/addresses.ts';
import { isTokenProgram, readMint, readTokenAccount } from '../chain/token-account.ts';
import type { AccountState } from '../chain/vm.ts';
import { toTokenAmount } from './token-amount.ts';

/** Decimals of a mint, or null where there is no such mint. */
export type MintDecimals = (mint: string) => number | null;

/** Mints and token accounts as `jsonParsed` shows them, without extensions; null for all other accounts. */
export function parseAccountData(state: AccountState, decimalsOf: MintDecimals) {
  if (!isTokenProgram(state.owner)) return null;
  const parsed = parseTokenAccount(state, decimalsOf) ?? parseMint(state);
  if (parsed === null) return null;
  const program = state.owner === TOKEN_2022_PROGRAM ? 'spl-token-2022' : 'spl-token';
  return { program, parsed, space: state.data.length };
}

function parseTokenAccount(state: AccountState, decimalsOf: MintDecimals) {
  const token = readTokenAccount(state);
  if (token === null) return null;
  const decimals = decimalsOf(token.mint);
  if (decimals === null) return null;
  return {
    type: 'account',
    info: {
      mint: token.mint,
      owner: token.owner,
      tokenAmount: toTokenAmount(token.amount, decimals),
      delegate: token.delegate ?? undefined,
      delegatedAmount: token.delegate ? toTokenAmount(token.delegatedAmount, decimals) : undefined,
      state: token.state,
      isNative: token.nativeReserve !== null,
      rentExemptReserve:
        token.nativeReserve === null ? undefined : toTokenAmount(token.nativeReserve, decimals),
      closeAuthority: token.closeAuthority ?? undefined,
    },
  };
}

function parseMint(state: AccountState) {
  const mint = readMint(state);
  if (mint === null) return null;
  return {
    type: 'mint',
    info: { ...mint, supply: mint.supply.toString(), isInitialized: true },
  };
}
