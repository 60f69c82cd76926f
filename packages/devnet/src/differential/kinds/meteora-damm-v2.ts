import { decodeMeteoraDammV2Pool, decodeTokenAccount, METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { INSTRUCTIONS_SYSVAR, SYSTEM_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import {
  isBefore,
  METEORA_DAMM_V2_AUTHORITY,
  METEORA_DAMM_V2_EVENT_AUTHORITY,
} from '../../pools/addresses.ts';
import { createDammPool, type DammAddresses, deriveDammAddresses } from '../../pools/meteora-damm-v2.ts';
import { createDammSwap } from '../../pools/meteora-damm-v2-swap.ts';
import type { ChainClock, DrawnKind, DrawnSwap, ReadData } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawLimit, quotedOutcome } from '../quoted.ts';
import { drawDammState } from './drawn-damm-state.ts';
import { drawToken, transferFeeOfMint } from './drawn-token.ts';

const MINTS = ['one', 'two']
  .map((name) => createSeededKeypair('differential damm', `mint ${name}`).address)
  .sort((a, b) => (isBefore(a, b) ? -1 : 1)) as [string, string];
const keyOf = (name: string) => createSeededKeypair('differential damm', name).address;
const USERS = [keyOf('user a'), keyOf('user b')] as const;
const REFERRALS = [keyOf('referral a'), keyOf('referral b')] as const;
const MODES = ['exactIn', 'partialFill', 'exactOut'] as const;

/** Meteora DAMM v2: all fee modes, schedulers, rate limiters, compounding pools, referrals, mints with transfer fees. */
export const drawnMeteoraDammV2: DrawnKind = {
  name: 'meteora-damm-v2',
  program: METEORA_DAMM_V2_PROGRAM,
  ownProgram: 'meteora-damm-v2',
  limitErrors: [6002],
  drawPool: async (draws, { clock, wallet }) => {
    const [mintA, mintB] = MINTS;
    const tokens = [drawToken(draws, mintA, clock.epoch), drawToken(draws, mintB, clock.epoch)] as const;
    const derived = await deriveDammAddresses({ config: SYSTEM_PROGRAM, mintA, mintB });
    const addresses = { ...derived, tokenProgramA: tokens[0].program, tokenProgramB: tokens[1].program };
    const owner = METEORA_DAMM_V2_AUTHORITY;
    const tokenAccount = (side: 0 | 1, address: string, holder: string, amount: bigint) =>
      tokens[side].account({ address, owner: holder, amount });
    const held = () => draws.pick([10n ** 18n, 10n ** 18n, 10n ** 6n]);
    const accounts: Record<string, GenesisAccount> = {
      pool: createDammPool(addresses, drawDammState(draws, clock)),
      vaultA: tokenAccount(0, addresses.vaultA, owner, 10n ** 18n),
      vaultB: tokenAccount(1, addresses.vaultB, owner, 10n ** 18n),
      userA: tokenAccount(0, USERS[0], wallet, held()),
      userB: tokenAccount(1, USERS[1], wallet, held()),
      referralA: tokenAccount(0, REFERRALS[0], SYSTEM_PROGRAM, 0n),
      referralB: tokenAccount(1, REFERRALS[1], SYSTEM_PROGRAM, 0n),
      mintA: tokens[0].mintAccount,
      mintB: tokens[1].mintAccount,
      authority: emptyAccount(owner),
      eventAuthority: emptyAccount(METEORA_DAMM_V2_EVENT_AUTHORITY),
    };
    return { accounts, drawSwap: (swap, state) => drawSwap(swap, { addresses, wallet, ...state }) };
  },
};

function emptyAccount(address: string): GenesisAccount {
  return {
    address,
    lamports: 1_000_000_000n,
    owner: SYSTEM_PROGRAM,
    executable: false,
    data: new Uint8Array(),
  };
}

function drawSwap(
  draws: Draws,
  at: { addresses: DammAddresses; wallet: string; read: ReadData; clock: ChainClock },
): DrawnSwap {
  const { addresses, wallet, read, clock } = at;
  const isAToB = !draws.once(2);
  const mode = draws.pick([0, 1, 2, 'none'] as const);
  const swapMode = MODES[mode === 'none' ? 0 : mode];
  const amount = draws.once(40) ? 0n : draws.amount(swapMode === 'exactOut' ? 10n ** 15n : 10n ** 18n);
  const inputIndex = isAToB ? 0 : 1;
  const [userIn, userOut] = isAToB ? USERS : ([USERS[1], USERS[0]] as const);
  const { pool } = decodeMeteoraDammV2Pool(read(addresses.pool));
  const feeOf = (mint: string) => transferFeeOfMint(read(mint), clock.epoch);
  const transferFees = [feeOf(addresses.mintA), feeOf(addresses.mintB)] as const;
  const request = { inputIndex, clock, transferFees } as const;
  const held = decodeTokenAccount(read(userIn)).amount;
  const ask = (limit: bigint) =>
    swapMode === 'exactOut'
      ? quotedOutcome(pool, { swapMode, ...request, amountOut: amount }, { held, limit, paysZero: true })
      : quotedOutcome(pool, { swapMode, ...request, amountIn: amount }, { held, limit, paysZero: true });
  const limit = drawLimit(draws, swapMode === 'exactOut' ? 'most' : 'least', ask);
  // The fee's token is the one that the referral account must hold; now and then it is the other.
  const referral = draws.pick([undefined, undefined, ...REFERRALS]);
  const remaining = draws.once(12) ? [] : [INSTRUCTIONS_SYSVAR];
  return {
    instruction: createDammSwap({
      addresses,
      payer: wallet,
      userIn,
      userOut,
      amount0: amount,
      amount1: limit,
      mode,
      remaining,
      ...(referral && { referral }),
    }),
    userIn,
    userOut,
    // A referral account of the wrong token and a missing sysvar are the instruction's matter, not the quote's.
    expected: referral === undefined && remaining.length > 0 ? ask(limit) : null,
    label: `${mode === 'none' ? 'swap' : `swap2 ${swapMode}`} ${isAToB ? 'A to B' : 'B to A'} ${amount} ${limit}${referral ? ` referral ${REFERRALS.indexOf(referral) === 0 ? 'A' : 'B'}` : ''}${remaining.length > 0 ? '' : ' without the sysvar'}`,
  };
}
