import {
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  decodeTokenAccount,
  RAYDIUM_CPMM_PROGRAM,
  toRaydiumCpmmPool,
} from '@oee/amm';
import { SYSTEM_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import { isBefore, RAYDIUM_CPMM_AUTHORITY } from '../../pools/addresses.ts';
import {
  type CpmmAddresses,
  type CpmmPoolState,
  type CpmmRates,
  createCpmmConfig,
  createCpmmObservation,
  createCpmmPool,
  createCpmmSwap,
  deriveCpmmAddresses,
  deriveCpmmConfig,
} from '../../pools/raydium-cpmm.ts';
import type { ChainClock, DrawnKind, DrawnPool, DrawnSwap, ReadData } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawLimit, quotedOutcome } from '../quoted.ts';
import { drawToken, transferFeeOfMint } from './drawn-token.ts';

const MINTS = ['one', 'two']
  .map((name) => createSeededKeypair('differential cpmm', `mint ${name}`).address)
  .sort((a, b) => (isBefore(a, b) ? -1 : 1)) as [string, string];
const USERS = ['zero', 'one'].map(
  (name) => createSeededKeypair('differential cpmm', `user ${name}`).address,
) as [string, string];

/** Raydium CPMM: all fee settings, closed and empty pools, mints with transfer fees, both instructions. */
export const drawnRaydiumCpmm: DrawnKind = {
  name: 'raydium-cpmm',
  program: RAYDIUM_CPMM_PROGRAM,
  ownProgram: 'raydium-cpmm',
  limitErrors: [6005],
  drawPool: async (draws, { clock, wallet }) => {
    const [mint0, mint1] = MINTS;
    const tokens = [drawToken(draws, mint0, clock.epoch), drawToken(draws, mint1, clock.epoch)] as const;
    const derived = await deriveCpmmAddresses({ config: await deriveCpmmConfig(0), mint0, mint1 });
    const addresses = { ...derived, tokenProgram0: tokens[0].program, tokenProgram1: tokens[1].program };
    const owner = RAYDIUM_CPMM_AUTHORITY.address;
    const reserve = () =>
      draws.once(30) ? BigInt(draws.below(3)) : 10n ** BigInt(2 * draws.below(6)) * draws.amount(10n ** 7n);
    const held = () => draws.pick([10n ** 18n, 10n ** 18n, 10n ** 18n, 10n ** 6n]);
    const accounts: Record<string, GenesisAccount> = {
      pool: createCpmmPool(addresses, drawState(draws, clock)),
      config: createCpmmConfig(addresses.config, 0, drawRates(draws)),
      observation: createCpmmObservation(addresses),
      vault0: tokens[0].account({ address: addresses.vault0, owner, amount: reserve() }),
      vault1: tokens[1].account({ address: addresses.vault1, owner, amount: reserve() }),
      user0: tokens[0].account({ address: USERS[0], owner: wallet, amount: held() }),
      user1: tokens[1].account({ address: USERS[1], owner: wallet, amount: held() }),
      mint0: tokens[0].mintAccount,
      mint1: tokens[1].mintAccount,
      authority: {
        address: owner,
        lamports: 1_000_000_000n,
        owner: SYSTEM_PROGRAM,
        executable: false,
        data: new Uint8Array(),
      },
    };
    return {
      accounts,
      drawSwap: (swap, state) => drawSwap(swap, { addresses, wallet, ...state }),
    } satisfies DrawnPool;
  },
};

function drawState(draws: Draws, clock: ChainClock): CpmmPoolState {
  const owed = () =>
    draws.once(3)
      ? { protocol: draws.amount(10n ** 6n), fund: draws.amount(10n ** 6n), creator: draws.amount(10n ** 6n) }
      : {};
  const creatorFeeOn = draws.pick([undefined, 0, 1, 2] as const);
  return {
    decimals0: 6,
    decimals1: 6,
    owed0: owed(),
    owed1: owed(),
    lpSupply: draws.amount(10n ** 15n),
    ...(creatorFeeOn === undefined ? {} : { creatorFeeOn }),
    ...(draws.once(30) ? { status: draws.below(8) } : {}),
    ...(draws.once(30) ? { openTime: clock.unixTimestamp + BigInt(draws.below(3)) } : {}),
  };
}

function drawRates(draws: Draws): CpmmRates {
  const isOdd = draws.once(10);
  const rate = () =>
    BigInt(
      isOdd
        ? draws.pick([0, 1, 500_000, 900_000, 999_999, 1_000_000, 1_000_001])
        : draws.pick([2_500, 0, 1, 100, 10_000, 40_000]),
    );
  return {
    tradeFeeRate: rate(),
    creatorFeeRate: draws.once(2) ? rate() : 0n,
    protocolFeeRate: BigInt(draws.pick([120_000, 0, 1, 999_999, 1_000_000])),
    fundFeeRate: BigInt(draws.pick([40_000, 0, 1, 500_000])),
  };
}

function drawSwap(
  draws: Draws,
  at: { addresses: CpmmAddresses; wallet: string; read: ReadData; clock: ChainClock },
): DrawnSwap {
  const { addresses, wallet, read, clock } = at;
  const isZeroForOne = !draws.once(2);
  const isBaseOutput = draws.once(2);
  const amount = draws.once(40) ? 0n : draws.amount(isBaseOutput ? 10n ** 12n : 10n ** 18n);
  const inputIndex = isZeroForOne ? 0 : 1;
  const [userIn, userOut] = isZeroForOne ? USERS : ([USERS[1], USERS[0]] as const);
  const amountOf = (address: string) => decodeTokenAccount(read(address)).amount;
  const pool = toRaydiumCpmmPool({
    pool: decodeRaydiumCpmmPool(read(addresses.pool)),
    config: decodeRaydiumAmmConfig(read(addresses.config)),
    vaultAmounts: [amountOf(addresses.vault0), amountOf(addresses.vault1)],
  });
  const feeOf = (mint: string) => transferFeeOfMint(read(mint), clock.epoch);
  const transferFees = [feeOf(addresses.mint0), feeOf(addresses.mint1)] as const;
  const request = { inputIndex, clock, transferFees } as const;
  const held = amountOf(userIn);
  const ask = (limit: bigint) =>
    isBaseOutput
      ? quotedOutcome(pool, { swapMode: 'exactOut', ...request, amountOut: amount }, { held, limit })
      : quotedOutcome(pool, { swapMode: 'exactIn', ...request, amountIn: amount }, { held, limit });
  const limit = drawLimit(draws, isBaseOutput ? 'most' : 'least', ask);
  const [first, second] = isBaseOutput ? [limit, amount] : [amount, limit];
  return {
    instruction: createCpmmSwap({
      addresses,
      isZeroForOne,
      isBaseOutput,
      payer: wallet,
      userIn,
      userOut,
      amountIn: first,
      minAmountOut: second,
    }),
    userIn,
    userOut,
    expected: ask(limit),
    label: `${isBaseOutput ? 'swap_base_output' : 'swap_base_input'} ${isZeroForOne ? '0 to 1' : '1 to 0'} ${first} ${second}`,
  };
}
