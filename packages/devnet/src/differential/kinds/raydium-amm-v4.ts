import {
  decodeRaydiumAmmV4Pool,
  decodeTokenAccount,
  RAYDIUM_AMM_V4_PROGRAM,
  toRaydiumAmmV4Pool,
} from '@oee/amm';
import { SYSTEM_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createSeededKeypair } from '../../market/keypair.ts';
import {
  AMM_V4_SWAP_ONLY,
  AMM_V4_WAITING_TRADE,
  type AmmV4Addresses,
  type AmmV4PoolState,
  createAmmV4Pool,
  createAmmV4Swap,
  deriveAmmV4Addresses,
  RAYDIUM_AMM_V4_AUTHORITY,
} from '../../pools/raydium-amm-v4.ts';
import { createMint, createTokenAccount, rentExemptLamports } from '../../pools/token-accounts.ts';
import type { ChainClock, DrawnKind, DrawnSwap, ReadData } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawLimit, quotedOutcome } from '../quoted.ts';

const keyOf = (name: string) => createSeededKeypair('differential amm v4', name).address;
const MINTS = { coinMint: keyOf('coin'), pcMint: keyOf('pc') };
const MARKET = { market: keyOf('market'), marketProgram: keyOf('market program') };
const USERS = [keyOf('user coin'), keyOf('user pc')] as const;

/** Raydium AMM v4: all statuses and fees, profit that is still to be taken, the instructions with and without an order book. */
export const drawnRaydiumAmmV4: DrawnKind = {
  name: 'raydium-amm-v4',
  program: RAYDIUM_AMM_V4_PROGRAM,
  ownProgram: 'raydium-amm-v4',
  drawPool: async (draws, { clock, wallet }) => {
    const addresses = await deriveAmmV4Addresses({ ...MINTS, ...MARKET });
    const { coinVault, pcVault, coinMint, pcMint } = addresses;
    const reserves = [drawReserve(draws), drawReserve(draws)] as const;
    const held = () => draws.pick([10n ** 18n, 10n ** 18n, 10n ** 18n, 10n ** 6n]);
    const owner = RAYDIUM_AMM_V4_AUTHORITY.address;
    const accounts: Record<string, GenesisAccount> = {
      pool: createAmmV4Pool(addresses, drawState(draws, clock, reserves)),
      coinVault: createTokenAccount({ address: coinVault, mint: coinMint, owner, amount: reserves[0] }),
      pcVault: createTokenAccount({ address: pcVault, mint: pcMint, owner, amount: reserves[1] }),
      userCoin: createTokenAccount({ address: USERS[0], mint: coinMint, owner: wallet, amount: held() }),
      userPc: createTokenAccount({ address: USERS[1], mint: pcMint, owner: wallet, amount: held() }),
      coinMint: createMint({ address: coinMint, decimals: 6, supply: 2n ** 63n }),
      pcMint: createMint({ address: pcMint, decimals: 6, supply: 2n ** 63n }),
      authority: emptyAccount(owner, SYSTEM_PROGRAM),
      market: { ...emptyAccount(addresses.market, addresses.marketProgram), data: new Uint8Array(388) },
    };
    return { accounts, drawSwap: (swap, at) => drawSwap(swap, { addresses, wallet, ...at }) };
  },
};

function emptyAccount(address: string, owner: string): GenesisAccount {
  return { address, lamports: rentExemptLamports(388), owner, executable: false, data: new Uint8Array() };
}

function drawReserve(draws: Draws): bigint {
  return draws.once(30)
    ? BigInt(draws.below(3))
    : 10n ** BigInt(2 * draws.below(6)) * draws.amount(10n ** 7n);
}

function drawState(draws: Draws, clock: ChainClock, reserves: readonly [bigint, bigint]): AmmV4PoolState {
  const hasProfit = draws.once(2);
  const profit = (reserve: bigint) => {
    if (!hasProfit) return 0n;
    return draws.once(30)
      ? reserve + BigInt(draws.below(2))
      : (reserve * BigInt(draws.below(1_000))) / 1_000n;
  };
  const needTakePnl = [profit(reserves[0]), profit(reserves[1])] as const;
  const isOdd = draws.once(12);
  const due = () => clock.unixTimestamp + BigInt(draws.below(4)) - 2n;
  const total = (most: bigint) => draws.amount(most);
  return {
    coinDecimals: 6,
    pcDecimals: 6,
    status: draws.once(4) ? draws.pick([AMM_V4_WAITING_TRADE, 1, 5, draws.below(9)]) : AMM_V4_SWAP_ONLY,
    needTakePnl,
    swapFeeNumerator: BigInt(
      isOdd ? draws.pick([0, 1, 9_999, 10_000, 10_001]) : draws.pick([25, 1, 100, 3_000]),
    ),
    swapFeeDenominator: isOdd && draws.once(6) ? 0n : 10_000n,
    openTime: due(),
    orderBookEndTime: due(),
    ...(draws.once(3)
      ? {
          totals: {
            coinIn: total(2n ** 100n),
            pcOut: total(2n ** 100n),
            pcFees: total(2n ** 63n),
            pcIn: total(2n ** 100n),
            coinOut: total(2n ** 100n),
            coinFees: total(2n ** 63n),
          },
        }
      : {}),
  };
}

function drawSwap(
  draws: Draws,
  at: { addresses: AmmV4Addresses; wallet: string; read: ReadData; clock: ChainClock },
): DrawnSwap {
  const { addresses, wallet, read, clock } = at;
  const inputIndex = draws.below(2) as 0 | 1;
  const isBaseOut = draws.once(2);
  const [userIn, userOut] = inputIndex === 0 ? USERS : ([USERS[1], USERS[0]] as const);
  const amountOf = (address: string) => decodeTokenAccount(read(address)).amount;
  const vaultAmounts = [amountOf(addresses.coinVault), amountOf(addresses.pcVault)] as const;
  const most = isBaseOut ? vaultAmounts[1 - inputIndex]! * 2n : 10n ** 18n;
  const amount = draws.once(40) ? 0n : draws.amount(most > 1n ? most : 2n);
  const account = decodeRaydiumAmmV4Pool(read(addresses.pool));
  const pool = toRaydiumAmmV4Pool({ pool: account, vaultAmounts });
  const request = { inputIndex, clock, transferFees: [null, null] } as const;
  const held = amountOf(userIn);
  const ask = (limit: bigint) =>
    isBaseOut
      ? quotedOutcome(pool, { swapMode: 'exactOut', ...request, amountOut: amount }, { held, limit })
      : quotedOutcome(pool, { swapMode: 'exactIn', ...request, amountIn: amount }, { held, limit });
  const limit = drawLimit(draws, isBaseOut ? 'most' : 'least', ask);
  const [first, second] = isBaseOut ? [limit, amount] : [amount, limit];
  const orderBook = draws.once(3) ? { namesTargetOrders: draws.once(2) } : null;
  return {
    instruction: createAmmV4Swap({
      addresses,
      isBaseOut,
      ...(orderBook && { orderBook }),
      payer: wallet,
      userIn,
      userOut,
      first,
      second,
    }),
    userIn,
    userOut,
    expected: ask(limit),
    label: `swap_base_${isBaseOut ? 'out' : 'in'}${orderBook ? '' : '_v2'} ${inputIndex === 0 ? 'coin to pc' : 'pc to coin'} ${first} ${second}, status ${account.status}`,
  };
}
