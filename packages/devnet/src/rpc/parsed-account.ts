import { addressText, TOKEN_2022_PROGRAM } from '@oee/solana';
import { isTokenProgram, readMint, readTokenAccount } from '../chain/token-account.ts';
import type { AccountState } from '../chain/vm.ts';
import { type AmountScale, toTokenAmount } from './token-amount.ts';
import { parseExtensions } from './token-extensions.ts';

const MULTISIG_BYTES = 355;

/** The display scale of a mint's amounts; null if there is no such mint. */
export type MintScale = (mint: string) => AmountScale | null;

/** Mints, token accounts and multisignatures as `jsonParsed` shows them; null for all other accounts. */
export function parseAccountData(state: AccountState, scaleOf: MintScale) {
  if (!isTokenProgram(state.owner)) return null;
  const parsed = parseTokenAccount(state, scaleOf) ?? parseMint(state) ?? parseMultisig(state);
  if (parsed === null) return null;
  const program = state.owner === TOKEN_2022_PROGRAM ? 'spl-token-2022' : 'spl-token';
  return { program, parsed, space: state.data.length };
}

function parseTokenAccount(state: AccountState, scaleOf: MintScale) {
  const token = readTokenAccount(state);
  if (token === null) return null;
  const scale = scaleOf(token.mint);
  if (scale === null) return null;
  return {
    type: 'account',
    info: {
      mint: token.mint,
      owner: token.owner,
      tokenAmount: toTokenAmount(token.amount, scale),
      delegate: token.delegate ?? undefined,
      delegatedAmount: token.delegate ? toTokenAmount(token.delegatedAmount, scale) : undefined,
      state: token.state,
      isNative: token.nativeReserve !== null,
      rentExemptReserve: token.nativeReserve === null ? undefined : toTokenAmount(token.nativeReserve, scale),
      closeAuthority: token.closeAuthority ?? undefined,
      extensions: parseExtensions(state.data),
    },
  };
}

function parseMint(state: AccountState) {
  const mint = readMint(state);
  if (mint === null) return null;
  return {
    type: 'mint',
    info: {
      ...mint,
      supply: mint.supply.toString(),
      isInitialized: true,
      extensions: parseExtensions(state.data),
    },
  };
}

/** Layout: spl-token `state.rs`: needed and known signers, whether it is in use, and up to eleven addresses. */
function parseMultisig({ data }: AccountState) {
  if (data.length !== MULTISIG_BYTES || data[2] !== 1) return null;
  const signers = Array.from({ length: 11 }, (_, index) => data.subarray(3 + 32 * index, 35 + 32 * index));
  return {
    type: 'multisig',
    info: {
      numRequiredSigners: data[0],
      numValidSigners: data[1],
      isInitialized: true,
      signers: signers.filter((signer) => signer.some((byte) => byte !== 0)).map(addressText),
    },
  };
}
