import { blockTimeSeconds, type Commitment } from '../chain/block.ts';
import type { ChainView } from '../chain/chain-view.ts';
import { readMint } from '../chain/token-account.ts';
import type { AccountState } from '../chain/vm.ts';
import type { MintScale } from './parsed-account.ts';
import type { AmountScale } from './token-amount.ts';
import { contentOfExtension } from './token-extensions.ts';

const INTEREST_BEARING = 10;
const SCALED_UI_AMOUNT = 25;
const SECONDS_PER_YEAR = 60 * 60 * 24 * 365.24;
const BASIS_POINTS = 10_000;

/** Looks up the display scale of a mint's amounts at a commitment. */
export function mintScale({ view }: { readonly view: ChainView }, commitment: Commitment): MintScale {
  return (mint) => {
    const state = view.account(mint, commitment);
    return state && scaleOfMint(state, blockTimeSeconds(view.at(commitment)));
  };
}

/**
 * The display scale of a mint's amounts; null if the account is no mint.
 *
 * @param seconds Chain time, seconds since 1970.
 */
export function scaleOfMint(state: AccountState, seconds: number): AmountScale | null {
  const mint = readMint(state);
  if (mint === null) return null;
  return {
    decimals: mint.decimals,
    factor: interest(state.data, seconds) ?? multiplier(state.data, seconds),
  };
}

/** Continuous interest, at the average rate until the last change and at the present one since then. */
function interest(data: Uint8Array, seconds: number): number | null {
  const config = contentOfExtension(data, INTEREST_BEARING);
  if (config === null) return null;
  const [begun, changed] = [Number(config.readBigInt64LE(32)), Number(config.readBigInt64LE(42))];
  const grown = (rate: number, span: number) => Math.exp((rate * span) / (SECONDS_PER_YEAR * BASIS_POINTS));
  return grown(config.readInt16LE(40), changed - begun) * grown(config.readInt16LE(50), seconds - changed);
}

function multiplier(data: Uint8Array, seconds: number): number | null {
  const config = contentOfExtension(data, SCALED_UI_AMOUNT);
  if (config === null) return null;
  return config.readDoubleLE(seconds >= Number(config.readBigInt64LE(40)) ? 48 : 32);
}
